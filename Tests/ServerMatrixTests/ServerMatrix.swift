import Foundation
import JSONBytes
import TestSupport
import Testing

/// A server that probes are run against.
struct MatrixServer: Sendable, CustomTestStringConvertible {
    /// Its name in the document.
    let title: String
    /// Its member in the document's data.
    let id: String
    /// The environment variable with its URL.
    let variable: String
    /// The package whose pin in scripts/requirements.txt is its version; nil where we do not bring it along.
    let package: String?
    /// Operations that it does not have, and answers with a crash of its own instead of a refusal.
    var crashesOn: Set<String> = []

    static let all = [
        MatrixServer(title: "MiniStack", id: "ministack", variable: "TIDEMARK_TEST_ENDPOINT", package: "ministack"),
        MatrixServer(
            title: "moto", id: "moto", variable: "TIDEMARK_TEST_MOTO", package: "moto",
            crashesOn: [
                "UpdateContributorInsights", "DescribeContributorInsights", "ListContributorInsights",
            ]),
        MatrixServer(
            title: "DynamoDB Local", id: "dynamodb-local", variable: "TIDEMARK_TEST_DYNAMODB_LOCAL", package: nil),
    ]

    /// Where it is, if it is running.
    var url: String? { ProcessInfo.processInfo.environment[variable] }

    static var running: [MatrixServer] { all.filter { $0.url != nil } }

    var testDescription: String { title }

    /// The version that is pinned.
    func pinnedVersion() throws -> String? {
        guard let package else { return nil }
        let pins = try String(contentsOfFile: "\(SharedFiles.packageRoot)/scripts/requirements.txt", encoding: .utf8)
        let line = pins.split(separator: "\n").first { $0.hasPrefix("\(package)==") || $0.hasPrefix("\(package)[") }
        return line?.components(separatedBy: "==").last
    }
}

/// What the servers made of the probes, as it is committed in docs/servers.json.
struct ServerMatrix: Equatable {
    /// By the server's id: its version, and a cell for each probe's name.
    var columns: [String: Column] = [:]

    struct Column: Equatable {
        var version = ""
        var cells: [String: String] = [:]
    }

    /// What a cell says where the probe was never run: allowed only for a server that we do not bring along.
    static let notRun = "not run"

    static let dataPath = "\(SharedFiles.packageRoot)/docs/servers.json"
    static let documentPath = "\(SharedFiles.packageRoot)/docs/SERVERS.md"

    init() {}

    init(json: JSONValue) {
        for server in json.objectValue ?? [] {
            var column = Column(version: server.value["version"]?.stringValue ?? "")
            for cell in server.value["cells"]?.objectValue ?? [] { column.cells[cell.name] = cell.value.stringValue }
            columns[server.name] = column
        }
    }

    static func committed() throws -> ServerMatrix {
        guard let data = FileManager.default.contents(atPath: dataPath) else { return ServerMatrix() }
        return ServerMatrix(json: try JSONValue.parse(Array(data)))
    }

    /// One line a cell, so that a change is a line of a diff.
    var text: String {
        let servers = MatrixServer.all.compactMap { server -> String? in
            guard let column = columns[server.id] else { return nil }
            let cells = Probe.all.compactMap { probe in
                column.cells[probe.name].map { "      \(quoted(probe.name)): \(quoted($0))" }
            }
            return """
                  \(quoted(server.id)): {
                    "version": \(quoted(column.version)),
                    "cells": {
                \(cells.joined(separator: ",\n"))
                    }
                  }
                """
        }
        return "{\n\(servers.joined(separator: ",\n"))\n}\n"
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    // MARK: The document

    /// docs/SERVERS.md.
    var document: String {
        var lines = ServerMatrix.introduction.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for server in MatrixServer.all {
            let cells = columns[server.id]?.cells ?? [:]
            let counts = Dictionary(grouping: Probe.all) { probe in
                String((cells[probe.name] ?? "").prefix { $0 != ":" })
            }.mapValues(\.count)
            let sum =
                cells.isEmpty
                ? "\(ServerMatrix.notRun): where the document was last written there was none. Its column is filled by a "
                    + "run with `\(server.variable)` set."
                : "\(counts["passes"] ?? 0) pass, \(counts["differs"] ?? 0) differ, \(counts["absent"] ?? 0) absent."
            lines.append("- \(heading(of: server)): \(sum)")
        }
        lines += [
            "",
            "| Operation | What DynamoDB does | " + MatrixServer.all.map(heading).joined(separator: " | ")
                + " | Probe |",
        ]
        lines.append("|" + String(repeating: " --- |", count: MatrixServer.all.count + 3))
        for probe in Probe.all {
            let cells = MatrixServer.all.map { columns[$0.id]?.cells[probe.name] ?? ServerMatrix.notRun }
            let row = [probe.operation, probe.fact] + cells + ["`\(probe.name)`"]
            lines.append(
                "| " + row.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func heading(of server: MatrixServer) -> String {
        let version = columns[server.id]?.version ?? ""
        return version.isEmpty ? server.title : "\(server.title) \(version)"
    }

    private static let introduction = """
        # What the local servers do as DynamoDB does

        Generated by the tests of `ServerMatrixTests` from `docs/servers.json`; do not edit. Each row is a probe: one fact about
        DynamoDB, asked through our client of each server. *passes* means that the server does what DynamoDB does, *differs*
        says what it does instead, *absent* that it does not know the operation. A run that finds another cell fails, and so
        does an empty cell; `TIDEMARK_UPDATE_GOLDEN=1 scripts/test --filter ServerMatrixTests` writes both files anew.

        What a server does otherwise is a limit of what tests against it can show, not of the client.

        """
}
