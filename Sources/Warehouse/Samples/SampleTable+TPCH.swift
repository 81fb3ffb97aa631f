import Columnar

/// The tables of TPC-H at scale factor 0.001, with the benchmark's columns and keys; the texts and amounts are drawn by rules of our own, so
/// results are not those of the benchmark.
extension SampleTable {
    private static let money = DataType.decimal(DecimalType(18, 2))
    private static let customers: Int64 = 150
    private static let suppliers: Int64 = 10
    private static let parts: Int64 = 200
    private static let orderCount: Int64 = 1_500

    private static func padded(_ number: Int64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 9 - text.count)) + text
    }

    private static func phone(_ nation: Int64, _ draw: inout SampleDraw) -> String {
        "\(nation + 10)-\(draw.int(100...999))-\(draw.int(100...999))-\(draw.int(1000...9999))"
    }

    private static let regions = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]

    private static let nations: [(name: String, region: Int64)] = [
        ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3), ("GERMANY", 3), ("INDIA", 2),
        ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4), ("KENYA", 0), ("MOROCCO", 0), ("MOZAMBIQUE", 0), ("PERU", 1),
        ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2), ("RUSSIA", 3), ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
    ]

    static let region = SampleTable(
        schema: "tpch", name: "region", comment: "TPC-H regions",
        fields: [Field("r_regionkey", .long), Field("r_name", .text), Field("r_comment", .text)]
    ) {
        var draw = SampleDraw("region")
        return regions.enumerated().map { [.int(Int64($0)), .string($1), .string(draw.words(3...8))] }
    }

    static let nation = SampleTable(
        schema: "tpch", name: "nation", comment: "TPC-H nations",
        fields: [Field("n_nationkey", .long), Field("n_name", .text), Field("n_regionkey", .long), Field("n_comment", .text)]
    ) {
        var draw = SampleDraw("nation")
        return nations.enumerated().map { [.int(Int64($0)), .string($1.name), .int($1.region), .string(draw.words(3...8))] }
    }

    static let supplier = SampleTable(
        schema: "tpch", name: "supplier", comment: "TPC-H suppliers",
        fields: [
            Field("s_suppkey", .long), Field("s_name", .text), Field("s_address", .text), Field("s_nationkey", .long), Field("s_phone", .text),
            Field("s_acctbal", money), Field("s_comment", .text),
        ]
    ) {
        var draw = SampleDraw("supplier")
        return (1...suppliers).map { key in
            let nation = draw.int(0...24)
            return [
                .int(key), .string("Supplier#" + padded(key)), .string(draw.words(2...3)), .int(nation), .string(phone(nation, &draw)),
                .cents(draw.int(-99_999...999_999)), .string(draw.words(4...9)),
            ]
        }
    }

    static let customer = SampleTable(
        schema: "tpch", name: "customer", comment: "TPC-H customers",
        fields: [
            Field("c_custkey", .long), Field("c_name", .text), Field("c_address", .text), Field("c_nationkey", .long), Field("c_phone", .text),
            Field("c_acctbal", money), Field("c_mktsegment", .text), Field("c_comment", .text),
        ]
    ) {
        var draw = SampleDraw("customer")
        let segments = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"]
        return (1...customers).map { key in
            let nation = draw.int(0...24)
            return [
                .int(key), .string("Customer#" + padded(key)), .string(draw.words(2...3)), .int(nation), .string(phone(nation, &draw)),
                .cents(draw.int(-99_999...999_999)), .string(draw.pick(segments)), .string(draw.words(5...12)),
            ]
        }
    }

    private static func retailPrice(_ part: Int64) -> Int64 { 90_000 + part / 10 % 20_001 + 100 * (part % 1_000) }

    static let part = SampleTable(
        schema: "tpch", name: "part", comment: "TPC-H parts",
        fields: [
            Field("p_partkey", .long), Field("p_name", .text), Field("p_mfgr", .text), Field("p_brand", .text), Field("p_type", .text),
            Field("p_size", .int), Field("p_container", .text), Field("p_retailprice", money), Field("p_comment", .text),
        ]
    ) {
        var draw = SampleDraw("part")
        let colours = ["almond", "azure", "blush", "chocolate", "coral", "forest", "green", "ivory", "lemon", "navy", "plum", "salmon", "tan"]
        return (1...parts).map { key in
            let maker = draw.int(1...5)
            let kind = [
                draw.pick(["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"]),
                draw.pick(["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"]), draw.pick(["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"]),
            ].joined(separator: " ")
            let container =
                draw.pick(["SM", "LG", "MED", "JUMBO", "WRAP"]) + " " + draw.pick(["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"])
            return [
                .int(key), .string("\(draw.pick(colours)) \(draw.pick(colours)) \(draw.pick(colours))"), .string("Manufacturer#\(maker)"),
                .string("Brand#\(maker)\(draw.int(1...5))"), .string(kind), .int(draw.int(1...50)), .string(container), .cents(retailPrice(key)),
                .string(draw.words(1...4)),
            ]
        }
    }

    /// The i-th of a part's four suppliers.
    private static func supplier(of part: Int64, _ index: Int64) -> Int64 {
        (part + index * (suppliers / 4 + (part - 1) / suppliers)) % suppliers + 1
    }

    static let partsupp = SampleTable(
        schema: "tpch", name: "partsupp", comment: "TPC-H parts by supplier",
        fields: [
            Field("ps_partkey", .long), Field("ps_suppkey", .long), Field("ps_availqty", .int), Field("ps_supplycost", money),
            Field("ps_comment", .text),
        ]
    ) {
        var draw = SampleDraw("partsupp")
        var rows: [[Value]] = []
        for part in 1...parts {
            for index: Int64 in 0..<4 {
                rows.append([
                    .int(part), .int(supplier(of: part, index)), .int(draw.int(1...9_999)), .cents(draw.int(100...100_000)),
                    .string(draw.words(5...12)),
                ])
            }
        }
        return rows
    }

    private struct Line {
        let part, supplier, quantity, price, discount, tax, ship, commit, receipt: Int64
        let flag, status, instruction, mode, comment: String
    }

    private struct Order {
        let key, customer, date: Int64
        let priority, clerk, comment: String
        let lines: [Line]
    }

    /// 1995-06-17, the benchmark's current date.
    private static let today: Int64 = 9_298

    private static let orderList: [Order] = {
        var draw = SampleDraw("orders")
        return (0..<orderCount).map { number in
            // Eight keys of every thirty-two are used.
            let key = number / 8 * 32 + number % 8 + 1
            var customer = draw.int(1...customers)
            if customer % 3 == 0 { customer = customer % customers + 1 }
            let date = draw.int(8_035...10_440)
            let lines = (0..<draw.int(1...7)).map { _ -> Line in
                let part = draw.int(1...parts)
                let quantity = draw.int(1...50)
                let ship = date + draw.int(1...121)
                let receipt = ship + draw.int(1...30)
                return Line(
                    part: part, supplier: supplier(of: part, draw.int(0...3)), quantity: quantity, price: quantity * retailPrice(part),
                    discount: draw.int(0...10), tax: draw.int(0...8), ship: ship, commit: date + draw.int(30...90), receipt: receipt,
                    flag: receipt <= today ? draw.pick(["R", "A"]) : "N", status: ship > today ? "O" : "F",
                    instruction: draw.pick(["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"]),
                    mode: draw.pick(["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"]), comment: draw.words(2...5))
            }
            return Order(
                key: key, customer: customer, date: date, priority: draw.pick(["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"]),
                clerk: "Clerk#" + padded(draw.int(1...10)), comment: draw.words(3...8), lines: lines)
        }
    }()

    static let orders = SampleTable(
        schema: "tpch", name: "orders", comment: "TPC-H orders",
        fields: [
            Field("o_orderkey", .long), Field("o_custkey", .long), Field("o_orderstatus", .text), Field("o_totalprice", money),
            Field("o_orderdate", .date), Field("o_orderpriority", .text), Field("o_clerk", .text), Field("o_shippriority", .int),
            Field("o_comment", .text),
        ]
    ) {
        orderList.map { order in
            let total = order.lines.reduce(0) { $0 + $1.price * (100 - $1.discount) * (100 + $1.tax) / 10_000 }
            let open = order.lines.filter { $0.status == "O" }.count
            let status = open == 0 ? "F" : open == order.lines.count ? "O" : "P"
            return [
                .int(order.key), .int(order.customer), .string(status), .cents(total), .int(order.date), .string(order.priority),
                .string(order.clerk),
                .int(0), .string(order.comment),
            ]
        }
    }

    static let lineitem = SampleTable(
        schema: "tpch", name: "lineitem", comment: "TPC-H line items",
        fields: [
            Field("l_orderkey", .long), Field("l_partkey", .long), Field("l_suppkey", .long), Field("l_linenumber", .int), Field("l_quantity", money),
            Field("l_extendedprice", money), Field("l_discount", money), Field("l_tax", money), Field("l_returnflag", .text),
            Field("l_linestatus", .text), Field("l_shipdate", .date), Field("l_commitdate", .date), Field("l_receiptdate", .date),
            Field("l_shipinstruct", .text), Field("l_shipmode", .text), Field("l_comment", .text),
        ]
    ) {
        orderList.flatMap { order in
            order.lines.enumerated().map { index, line -> [Value] in
                [
                    .int(order.key), .int(line.part), .int(line.supplier), .int(Int64(index + 1)), .cents(line.quantity * 100), .cents(line.price),
                    .cents(line.discount), .cents(line.tax), .string(line.flag), .string(line.status), .int(line.ship), .int(line.commit),
                    .int(line.receipt), .string(line.instruction), .string(line.mode), .string(line.comment),
                ]
            }
        }
    }
}
