// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "dbxsim-testing",
    platforms: [.macOS(.v15)],
    products: [.library(name: "DBXSimTesting", targets: ["DBXSimTesting"])],
    targets: [
        .target(name: "DBXSimTesting"),
        .testTarget(name: "DBXSimTestingTests", dependencies: ["DBXSimTesting"]),
    ])
