import Columnar

extension SampleTable {
    /// Taxi trips of two months: the columns of `samples.nyctaxi.trips`.
    static let trips = SampleTable(
        schema: "nyctaxi", name: "trips", comment: "Made-up taxi trips",
        fields: [
            Field("tpep_pickup_datetime", .timestamp), Field("tpep_dropoff_datetime", .timestamp), Field("trip_distance", .double),
            Field("fare_amount", .double), Field("pickup_zip", .int), Field("dropoff_zip", .int),
        ]
    ) {
        var draw = SampleDraw("trips")
        let start: Int64 = 1_451_606_400  // 2016-01-01T00:00:00Z
        let zips: [Int64] = [
            10001, 10003, 10009, 10011, 10016, 10018, 10019, 10021, 10023, 10028, 10065, 10103, 10110, 10128, 10199, 11101, 11201, 11371,
        ]
        var rows: [[Value]] = []
        for _ in 0..<1_000 {
            let pickup = start + draw.int(0...60 * 86_400 - 1)
            let hundredths = draw.int(30...1_800)
            let seconds = 60 + hundredths * 2 + draw.int(0...600)
            let fare = 250 + hundredths * 27 / 10 + draw.int(0...300)
            rows.append([
                .int(pickup * 1_000_000), .int((pickup + seconds) * 1_000_000), .double(Double(hundredths) / 100), .double(Double(fare / 50) / 2),
                .int(draw.pick(zips)), .int(draw.pick(zips)),
            ])
        }
        return rows.sorted { left, right in
            if case .integer(let first) = left[0], case .integer(let second) = right[0] { return first < second }
            return false
        }
    }
}
