// swift-tools-version: 6.2
import PackageDescription

/// The arrows between targets are those of docs/architecture.md; PackageTests compares the two.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

/// The program carries Swift's runtime and Foundation with it: it starts a quarter faster than with the shared libraries, takes less memory, and
/// runs where no Swift is installed. The archives depend on each other, hence the group.
let staticRuntime =
    ["-static-stdlib", "-Xlinker", "--start-group"]
    + ["Foundation", "CoreFoundation", "FoundationInternationalization", "FoundationEssentials", "_FoundationCollections", "_FoundationCShims"]
    .map { "-l" + $0 } + ["-l_FoundationICU", "-Xlinker", "--end-group", "-lstdc++"]

/// A library of the system's, by its module map.
func library(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "dbxsim",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "dbxsim", targets: ["dbxsim"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        target("JSON"),
        target("SparkErrors"),
        target("Columnar"),
        target("Storage"),
        target("S3", ["Storage", crypto]),
        library("CSnappy", pkgConfig: "snappy", apt: "libsnappy-dev", brew: "snappy"),
        library("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev", brew: "zstd"),
        library("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev", brew: "lz4"),
        library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
        target("Parquet", ["CLZ4", "CSnappy", "CZlib", "CZstd", "Columnar"]),
        target("DeltaTable", ["Columnar", "JSON", "Parquet", "Storage"]),
        target("SparkSyntax", ["SparkErrors"]),
        target("SparkFunctions", ["Columnar", "JSON", "SparkErrors"]),
        target("SparkSQL", ["Columnar", "SparkErrors", "SparkFunctions", "SparkSyntax"]),
        target("Workspace", ["JSON", crypto, cryptoExtras, grdb]),
        target(
            "Warehouse",
            [
                "CLZ4", "CZlib", "Columnar", "DeltaTable", "JSON", "Parquet", "S3", "SparkErrors", "SparkFunctions", "SparkSQL", "SparkSyntax",
                "Storage", "Workspace",
            ]),
        target("ThriftServer", ["Columnar", "SparkErrors", "SparkFunctions", "Warehouse", "Workspace"]),
        target("Jobs", ["Columnar", "JSON", "SparkErrors", "SparkFunctions", "SparkSyntax", "Warehouse", "Workspace", grdb]),
        target("API", ["Columnar", "JSON", "Jobs", "S3", "SparkErrors", "Storage", "ThriftServer", "Warehouse", "Workspace", httpTypes, yams]),
        target("Cassettes", ["CZlib", "JSON", crypto, httpTypes, yams]),
        target("Faults", ["JSON", httpTypes, yams]),
        .target(name: "CCurl"),
        target("Upstream", ["CCurl", httpTypes]),
        target(
            "Server",
            [
                "API", "Cassettes", "Faults", "JSON", "Jobs", "S3", "Storage", "Upstream", "Warehouse", "Workspace", crypto, httpTypes, lifecycle,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .executableTarget(
            name: "dbxsim",
            dependencies: [
                "API", "Cassettes", "Faults", "JSON", "Jobs", "Server", "SparkErrors", "SparkFunctions", "SparkSyntax", "Upstream", "Warehouse",
                "Workspace",
                arguments,
                lifecycle,
                logging,
                signals, .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(staticRuntime, .when(platforms: [.linux], configuration: .release))]),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        tests("JSON", ["JSON"]),
        tests("SparkErrors", ["SparkErrors"]),
        tests("Columnar", ["Columnar"]),
        tests("Storage", ["Storage"]),
        tests("S3", ["S3", "Storage"]),
        tests("Parquet", ["Columnar", "Parquet"]),
        tests("DeltaTable", ["Columnar", "DeltaTable", "JSON", "Storage"]),
        tests("SparkSyntax", ["SparkErrors", "SparkSyntax"]),
        tests("SparkFunctions", ["Columnar", "SparkErrors", "SparkFunctions"]),
        tests("SparkSQL", ["Columnar", "SparkErrors", "SparkFunctions", "SparkSQL", "SparkSyntax"]),
        tests("Workspace", ["JSON", "Workspace", grdb]),
        tests("Warehouse", ["Columnar", "JSON", "Storage", "Warehouse", "Workspace"]),
        tests("ThriftServer", ["Storage", "ThriftServer", "Warehouse", "Workspace"]),
        tests("Jobs", ["JSON", "Jobs", "SparkFunctions", "Storage", "Warehouse", "Workspace"]),
        tests("API", ["API", "JSON", "Jobs", "Storage", "Warehouse", "Workspace", httpTypes]),
        tests("Cassettes", ["Cassettes", "JSON", httpTypes]),
        tests("Faults", ["Faults", "JSON", httpTypes]),
        tests("Upstream", ["Upstream", httpTypes]),
        tests("Server", ["Faults", "JSON", "Server", "Warehouse", "Workspace", httpTypes]),
        tests("Package", []),
    ],
    swiftLanguageModes: [.v6]
)
