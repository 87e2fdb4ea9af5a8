import AWSCore
import CurlTransport
import Foundation
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Runs every probe against every server that there is, and holds what comes of it against what is committed.
@Suite(.serialized) struct ServerMatrixTests {
    private static let updates = ProcessInfo.processInfo.environment["TIDEMARK_UPDATE_GOLDEN"] == "1"

    @Test(.enabled(if: !MatrixServer.running.isEmpty, "no local server is running"), arguments: MatrixServer.running)
    func everyCellIsAsItIsCommitted(_ server: MatrixServer) async throws {
        let url = try #require(server.url)
        var cells: [String: String] = [:]
        for probe in Probe.all { cells[probe.name] = try await Self.cell(of: probe, on: server, at: url) }
        var matrix = try ServerMatrix.committed()
        if Self.updates {
            matrix.columns[server.id] = ServerMatrix.Column(
                version: try server.pinnedVersion() ?? "", cells: cells)
            try matrix.text.write(toFile: ServerMatrix.dataPath, atomically: true, encoding: .utf8)
            try matrix.document.write(toFile: ServerMatrix.documentPath, atomically: true, encoding: .utf8)
            return
        }
        let committed = matrix.columns[server.id]?.cells ?? [:]
        for probe in Probe.all {
            #expect(cells[probe.name] == committed[probe.name], "\(server.title), \(probe.name): \(probe.fact)")
        }
    }

    @Test func noCellIsEmptyAndNoneIsLeftOver() throws {
        let matrix = try ServerMatrix.committed()
        let names = Set(Probe.all.map(\.name))
        #expect(names.count == Probe.all.count)
        for server in MatrixServer.all {
            let column = matrix.columns[server.id]
            // Of a server that we do not bring along, all cells are from one run, or none is.
            if server.package == nil, column == nil { continue }
            let cells = column?.cells ?? [:]
            for name in names.symmetricDifference(cells.keys).sorted() {
                Issue.record("\(server.title): \(name) is \(cells[name] == nil ? "empty" : "no probe's")")
            }
            for (name, cell) in cells {
                let isCell = cell == "passes" || cell == "absent" || (cell.hasPrefix("differs: ") && cell.count > 9)
                #expect(isCell, "\(server.title), \(name): \(cell)")
            }
            #expect(try column?.version == server.pinnedVersion() ?? "", "\(server.title) has another version")
        }
    }

    @Test func theDocumentIsWhatTheCellsSay() throws {
        let matrix = try ServerMatrix.committed()
        let document = try String(contentsOfFile: ServerMatrix.documentPath, encoding: .utf8)
        #expect(document == matrix.document, "run with TIDEMARK_UPDATE_GOLDEN=1 to write docs/SERVERS.md anew")
        let data = try String(contentsOfFile: ServerMatrix.dataPath, encoding: .utf8)
        #expect(data == matrix.text)
    }

    @Test func everyOperationOfTheClientHasAProbe() {
        #expect(Set(Probe.all.map(\.operation)) == OfferedOperations.names.union(["any operation"]))
    }

    private static func cell(of probe: Probe, on server: MatrixServer, at url: String) async throws -> String {
        // MiniStack keeps accounts apart by such an access key; for the others the table's name has to do.
        let account = String(UInt64.random(in: 100_000_000_000...999_999_999_999))
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: url, region: "us-east-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: account, secretAccessKey: "local")),
            service: "matrix", environment: "test")
        configuration.logger.logLevel = .critical
        configuration.timeouts = Timeouts(connect: .seconds(10), firstByte: .seconds(60), attempt: .seconds(60))
        configuration.callTimeout = .seconds(120)
        // A fault of the server's is what is to be seen, at once.
        configuration.retry = .never
        var recording = TelemetryWriter.Configuration(service: "matrix", environment: "test")
        recording.isEnabled = false
        let transport = try CurlTransport()
        let witness = WitnessTransport(transport)
        let client = DynamoDBClient(
            configuration: configuration, transport: witness,
            telemetry: TelemetryWriter.open(recording, preregister: []))
        let table = "Matrix-\(account)"
        let cell = await probe.cell(
            in: ProbeContext(client: client, table: table, witness: witness), on: server)
        _ = try? await client.deleteTable(table)
        await client.shutdown()
        transport.shutdown()
        return cell
    }
}
