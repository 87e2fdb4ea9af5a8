// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let instrumentation = Target.Dependency.product(name: "Instrumentation", package: "swift-distributed-tracing")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let inMemoryTracing = Target.Dependency.product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "tidemark",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Tidemark", targets: ["Tidemark", "ContractModel"]),
        .library(name: "TidemarkFoundation", targets: ["TidemarkFoundation"]),
        .library(name: "TidemarkAgent", targets: ["TidemarkAgent"]),
        .library(name: "TidemarkContract", targets: ["ContractEngine", "ContractModel"]),
        .plugin(name: "TidemarkRepositories", targets: ["TidemarkRepositories"]),
        .executable(name: "tidemark", targets: ["TidemarkCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .target(name: "CTelemetry"),

        library("JSONBytes"),
        library("AWSCore", ["CCrypto", "JSONBytes"]),
        library("CurlTransport", ["CCurl", "AWSCore"]),
        library("Telemetry", ["CTelemetry"]),
        library("ContractModel"),
        library("ContractEngine", ["ContractModel", "JSONBytes", yams]),
        library("ContractGenerator", ["ContractEngine", "ContractModel", yams]),
        library(
            "Tidemark",
            [
                "AWSCore", "CurlTransport", "Telemetry", "ContractModel", "JSONBytes", logging, instrumentation,
                tracing,
                coreMetrics,
            ]),
        library("TableProvisioning", ["Tidemark", "ContractEngine", "ContractModel", "AWSCore", "JSONBytes"]),
        library("TidemarkFoundation", ["Tidemark", "AWSCore"]),
        library("Sketches"),
        library("CloudWatch", ["AWSCore", "JSONBytes", "CZlib"]),
        library("Monitoring", ["AWSCore", "CloudWatch", "ContractModel", "ContractEngine", "JSONBytes", yams]),
        library(
            "AgentCore",
            [
                "Telemetry", "Sketches", "CloudWatch", "Monitoring", "ContractModel", "ContractEngine", "AWSCore",
                "JSONBytes", grdb, logging, yams,
            ]),
        library(
            "TidemarkAgent", ["AgentCore", "Tidemark", "CloudWatch", "CurlTransport", "AWSCore", lifecycle, logging]),
        .executableTarget(
            name: "TidemarkCLI",
            dependencies: [
                "Tidemark", "AgentCore", "Monitoring", "CloudWatch", "ContractEngine", "ContractModel",
                "TableProvisioning", "ContractGenerator", "CurlTransport", "AWSCore", "Telemetry", "JSONBytes",
                argumentParser, flyingFox, lifecycle, signals, logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "TidemarkGenerate", dependencies: ["ContractGenerator", "ContractEngine"], swiftSettings: strict),
        .plugin(name: "TidemarkRepositories", capability: .buildTool(), dependencies: ["TidemarkGenerate"]),
        .target(
            name: "TestSupport", dependencies: ["AWSCore"], path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "LoopbackAWS", dependencies: ["AWSCore", "JSONBytes", "CZlib", "TestSupport"],
            path: "Tests/LoopbackAWS", swiftSettings: strict),

        .target(
            name: "CodecProperties", dependencies: ["Tidemark", "JSONBytes", "TestSupport"],
            path: "Tests/CodecProperties", swiftSettings: strict),

        .target(
            name: "TelemetryProperties", dependencies: ["AgentCore", "Telemetry", "TestSupport"],
            path: "Tests/TelemetryProperties", swiftSettings: strict),
        .executableTarget(
            name: "telemetry-fuzz", dependencies: ["TelemetryProperties"], path: "Tests/TelemetryFuzz",
            swiftSettings: strict),

        .target(
            name: "ContractProperties", dependencies: ["ContractEngine", "ContractModel", "JSONBytes", "TestSupport"],
            path: "Tests/ContractProperties", swiftSettings: strict),
        .executableTarget(
            name: "contract-fuzz", dependencies: ["ContractProperties"], path: "Tests/ContractFuzz",
            swiftSettings: strict),

        tests("JSONBytesTests", ["JSONBytes", "TestSupport"]),
        .testTarget(
            name: "AWSCoreTests",
            dependencies: ["AWSCore", "CurlTransport", "JSONBytes", "TestSupport", "LoopbackAWS"],
            exclude: ["Fixtures", "Vectors"], swiftSettings: strict),
        tests("CurlTransportTests", ["CurlTransport", "AWSCore", "TestSupport"]),
        .executableTarget(
            name: "telemetry-writer-process", dependencies: ["Telemetry"], path: "Tests/TelemetryWriterProcess",
            swiftSettings: strict),
        tests("TelemetryTests", ["Telemetry", "TestSupport", "telemetry-writer-process"]),
        .target(name: "TortureWords", path: "Tests/TortureWords", swiftSettings: strict),
        .executableTarget(
            name: "torture-writer", dependencies: ["Telemetry", "TortureWords"], path: "Tests/TortureWriter",
            swiftSettings: strict),
        .executableTarget(
            name: "torture-agent",
            dependencies: [
                "AgentCore", "AWSCore", "CloudWatch", "Monitoring", "Telemetry", "TortureWords", logging,
            ],
            path: "Tests/TortureAgent", swiftSettings: strict),
        tests(
            "ContractGeneratorTests",
            ["ContractGenerator", "ContractEngine", "ContractModel", "Monitoring", "TestSupport"],
            exclude: ["Fixtures", "Golden"]),
        .target(
            name: "GeneratedAccounts", dependencies: ["Tidemark", "ContractModel"],
            path: "Tests/GeneratedAccounts", swiftSettings: strict),
        .target(
            name: "GeneratedRepositories", dependencies: ["Tidemark", "ContractModel"],
            path: "Tests/GeneratedRepositories", swiftSettings: strict),
        .executableTarget(
            name: "coding-bench", dependencies: ["GeneratedRepositories", "Tidemark"], path: "Tests/CodingBench",
            swiftSettings: strict),
        tests(
            "ContractEngineTests",
            ["ContractEngine", "ContractModel", "ContractProperties", "JSONBytes", "TestSupport"],
            exclude: ["Corpus"]),
        .executableTarget(
            name: "fault-soak",
            dependencies: ["Tidemark", "CurlTransport", "Telemetry", "AWSCore", "TestSupport", logging],
            path: "Tests/FaultSoak", swiftSettings: strict),
        tests(
            "TidemarkTests",
            [
                "fault-soak", "Tidemark", "TidemarkFoundation", "AWSCore", "CurlTransport", "Telemetry",
                "ContractEngine", "ContractModel", "GeneratedRepositories", "GeneratedAccounts", "JSONBytes",
                "TestSupport",
                "CodecProperties",
                logging, tracing, inMemoryTracing, coreMetrics, metricsTestKit, yams,
            ]),
        tests(
            "TableProvisioningTests",
            [
                "TableProvisioning", "Tidemark", "ContractEngine", "ContractModel", "Monitoring", "AWSCore",
                "JSONBytes",
                "TestSupport", logging,
            ]),
        tests("TidemarkFoundationTests", ["TidemarkFoundation", "Tidemark", "AWSCore", "TestSupport"]),
        tests("SketchesTests", ["Sketches"]),
        tests(
            "CloudWatchTests",
            ["CloudWatch", "CurlTransport", "AWSCore", "JSONBytes", "TestSupport", "LoopbackAWS"]),
        tests(
            "MonitoringTests",
            ["Monitoring", "AWSCore", "CloudWatch", "ContractEngine", "ContractModel", "JSONBytes", "TestSupport"]),
        tests(
            "AgentCoreTests",
            [
                "AgentCore", "Telemetry", "TelemetryProperties", "Sketches", "CloudWatch", "Monitoring",
                "ContractEngine", "ContractModel",
                "AWSCore", "CurlTransport", "JSONBytes", "TestSupport", "LoopbackAWS", logging,
            ]),
        tests(
            "TidemarkAgentTests",
            [
                "TidemarkAgent", "AgentCore", "Tidemark", "Telemetry", "CloudWatch", "Monitoring", "AWSCore",
                "JSONBytes",
                "TestSupport", lifecycle, signals, logging,
            ]),
        tests(
            "EndToEndTests",
            [
                "Monitoring", "CloudWatch", "CurlTransport", "Telemetry", "AWSCore", "JSONBytes", "TestSupport",
                "LoopbackAWS", "torture-writer", "torture-agent", "telemetry-writer-process",
            ]),
        tests(
            "IntegrationTests",
            [
                "Tidemark", "AgentCore", "Telemetry", "CloudWatch", "Monitoring", "ContractEngine", "ContractModel",
                "TableProvisioning", "GeneratedRepositories", "GeneratedAccounts", "CurlTransport", "AWSCore",
                "JSONBytes", "TestSupport",
                "LoopbackAWS", logging,
            ]),
        tests(
            "ServerMatrixTests",
            ["Tidemark", "CurlTransport", "Telemetry", "ContractModel", "AWSCore", "JSONBytes", "TestSupport", logging]),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings the main function, so this target builds only with `--sanitize fuzzer`: scripts/fuzz.
if Context.environment["TIDEMARK_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "codec-fuzz", dependencies: ["CodecProperties"], path: "Tests/CodecFuzz",
            exclude: ["Corpus", "json.dict"], swiftSettings: strict))
}
