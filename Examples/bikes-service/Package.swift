// swift-tools-version: 6.2
import PackageDescription

// A service that has its repositories made of its contract when it is built. Nothing of the agent is built for it.

let package = Package(
    name: "bikes-service",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "tidemark", path: "../..")],
    targets: [
        .executableTarget(
            name: "bikes", dependencies: [.product(name: "Tidemark", package: "tidemark")],
            exclude: ["tidemark-generate.yaml"],
            swiftSettings: [
                .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
            ],
            plugins: [.plugin(name: "TidemarkRepositories", package: "tidemark")])
    ],
    swiftLanguageModes: [.v6]
)
