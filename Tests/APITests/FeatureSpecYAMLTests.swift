import API
import JSON
import Testing
import Workspace

@Suite struct FeatureSpecYAMLTests {
    private static let text = """
        input_columns:
        - user_id:
            source: training_data
            topological_ordering: 0
        - ratio:
            udf_name: main.ml.ratio
            input_bindings:
              a: years
              b: user_id
            topological_ordering: 2
            source: on_demand_feature
        - years:
            table_name: main.ml.users
            feature_name: age
            lookup_key:
            - user_id
            default_value_str: '7'
            include: false
            topological_ordering: 1
            source: feature_store
        input_tables:
        - main.ml.users:
            table_id: x
        serialization_version: 9
        """

    @Test func columnsBecomeFeaturesInTheirOrder() throws {
        let read = try FeatureSpecYAML(Self.text)
        #expect(
            read.features == [
                [
                    "feature_lookup": [
                        "table": "main.ml.users", "lookup_keys": ["user_id"], "feature_names": ["age"],
                        "rename_outputs": [["feature": "age", "output": "years"]], "default_values": [["feature": "years", "default_value": "7"]],
                    ]
                ],
                [
                    "feature_function": [
                        "udf": "main.ml.ratio", "output": "ratio",
                        "input_bindings": [["parameter": "a", "bound_feature": "years"], ["parameter": "b", "bound_feature": "user_id"]],
                    ]
                ],
            ])
        #expect(read.excluded == ["years"])
    }

    @Test(arguments: [
        "", "[]", "a: b", "input_columns: []", "input_columns: [{a: {source: nowhere}}]", "input_columns: [{a: {source: training_data}}]",
        "input_columns: [{a: {source: feature_store, feature_name: f, lookup_key: [k]}}]",
        "input_columns: [{a: {source: feature_store, feature_name: f, table_name: t, lookup_key: k}}]", "input_columns: [{a: 1}]", "input_columns: {",
        "input_columns: &x [{a: {source: feature_store}}]", "input_columns: [{a: {source: on_demand_feature}}]",
    ])
    func whatIsWrongIsNamed(_ text: String) {
        #expect(throws: WorkspaceError.self) { try FeatureSpecYAML(text) }
    }

    @Test func damagedTextsAreRefusedOrRead() {
        var random = SeededGenerator(seed: 11)
        let bytes = Array(Self.text.utf8)
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int(random.next() % 4 + 1) {
                let place = Int(random.next() % UInt64(damaged.count))
                switch random.next() % 3 {
                case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: damaged.remove(at: place)
                default: damaged.insert(contentsOf: damaged[place..<min(damaged.count, place + 9)], at: place)
                }
            }
            if let read = try? FeatureSpecYAML(String(decoding: damaged, as: UTF8.self)) { #expect(!read.features.isEmpty) }
        }
    }
}
