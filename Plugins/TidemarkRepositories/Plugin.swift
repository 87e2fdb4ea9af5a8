import Foundation
import PackagePlugin

/// Generates the types and repositories of a target's migration contract when the target is built.
///
/// The target's folder has a file `tidemark-generate.yaml`, which names the contract and the documents beside it from its own
/// folder, and may say names and types: what `tidemark generate --hints` takes.
@main
struct TidemarkRepositories: BuildToolPlugin {
    static let hints = "tidemark-generate.yaml"

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let hints = target.directoryURL.appending(path: Self.hints)
        guard FileManager.default.fileExists(atPath: hints.path) else {
            Diagnostics.error("\(target.name) has no \(Self.hints), which names the contract: write one")
            return []
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "TidemarkRepositories.swift")
        return [
            .buildCommand(
                displayName: "Generating repositories of \(target.name)'s contract",
                executable: try context.tool(named: "TidemarkGenerate").url, arguments: [hints.path, output.path],
                inputFiles: [hints] + (try Self.documents(of: hints)), outputFiles: [output])
        ]
    }

    /// The documents that the hints name, so that a change of one of them generates anew.
    private static func documents(of hints: URL) throws -> [URL] {
        try String(contentsOf: hints, encoding: .utf8).split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, ["contract", "patterns", "model", "mapping"].contains(parts[0]) else { return nil }
            let name = parts[1].split(separator: "#")[0].trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
            return hints.deletingLastPathComponent().appending(path: name)
        }
    }
}
