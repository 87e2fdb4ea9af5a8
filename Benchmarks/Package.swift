// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who links the runtime builds or even resolves what measures it.
// Built and run by scripts/bench.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let warnings: [CSetting] = [.treatAllWarnings(as: .error)]

let tidemark = Target.Dependency.product(name: "Tidemark", package: "tidemark")

let package = Package(
    name: "tidemark-benchmarks",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "raw-libcurl", targets: ["raw-libcurl"]),
        .executable(name: "runtime-bench", targets: ["runtime-bench"]),
        .executable(name: "recorder-bench", targets: ["recorder-bench"]),
        .library(name: "AllocationCounter", type: .dynamic, targets: ["AllocationCounter"]),
    ],
    dependencies: [.package(name: "tidemark", path: "..")],
    targets: [
        .target(name: "CMeasurement", cSettings: warnings),
        .target(name: "AllocationCounter", cSettings: warnings),
        .executableTarget(
            name: "raw-libcurl", dependencies: ["CMeasurement"], cSettings: warnings,
            linkerSettings: [.linkedLibrary("curl")]),
        .executableTarget(name: "runtime-bench", dependencies: ["CMeasurement", tidemark], swiftSettings: strict),
        .executableTarget(name: "recorder-bench", dependencies: [tidemark], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
