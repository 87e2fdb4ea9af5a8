import AWSCore
import ArgumentParser
import ContractEngine
import ContractModel
import JSONBytes
import Telemetry
import Tidemark

struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "Create the contract's tables, and see what is missing.",
        subcommands: [Plan.self, Apply.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which tables are missing or differ from the contract; change nothing.",
            discussion: """
                Compares keys, key types and indexes. Exits 1 when something is missing or differs.

                Example: tidemark tables plan Examples/migrationContract.json --endpoint http://127.0.0.1:4566
                """)

        @OptionGroup var contract: ContractOptions
        @OptionGroup var aws: AWSOptions
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() async throws {
            let plan = try await TablePlan.make(contract: contract, aws: aws)
            plan.print(format: format)
            if plan.rows.contains(where: { $0.change != .unchanged }) { throw ExitCode(ExitStatus.findings.rawValue) }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create the tables that are missing, on demand, and wait until they are active.",
            discussion: """
                Existing tables are never changed or deleted: where one differs from the contract, that is said and the \
                command ends with exit code 4 before anything is created.

                Example: tidemark tables apply Examples/migrationContract.json --endpoint http://127.0.0.1:4566
                """)

        @OptionGroup var contract: ContractOptions
        @OptionGroup var aws: AWSOptions
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() async throws {
            var plan = try await TablePlan.make(contract: contract, aws: aws)
            let different = plan.rows.filter { $0.change == .different }
            if let row = different.first {
                plan.print(format: format)
                throw CommandFailure(
                    .refused,
                    "table \(row.table.name) exists and differs from the contract (\(row.detail)): nothing was created; "
                        + "correct the contract, or move the table's data to a new table")
            }
            let client = try DynamoDBClient.unrecorded(plan.configuration)
            do {
                for index in plan.rows.indices where plan.rows[index].change == .create {
                    let table = plan.rows[index].table
                    _ = try await client.createTable(table)
                    Terminal.progress("waiting for \(table.name) …")
                    _ = try await client.waitUntilActive(table.name, interval: .milliseconds(200))
                    plan.rows[index].change = .created
                }
                Terminal.endProgress()
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
            plan.print(format: format)
        }
    }
}

/// The contract's tables beside the live ones.
struct TablePlan {
    enum Change: String {
        case create = "to create"
        case created
        case unchanged
        case different
    }

    struct Row {
        var table: ContractTable
        var change: Change
        var detail: String
    }

    var rows: [Row]
    var configuration: TidemarkConfiguration

    static func make(contract: ContractOptions, aws: AWSOptions) async throws -> TablePlan {
        let document = try contract.load()
        var configuration = try aws.runtime(
            scope: try ScopeOptions.parse([]), document: document, telemetryDirectory: nil)
        configuration.patterns = []
        let client = try DynamoDBClient.unrecorded(configuration)
        var rows: [Row] = []
        do {
            for table in document.contract.tables { rows.append(try await row(for: table, client: client)) }
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
        return TablePlan(rows: rows, configuration: configuration)
    }

    private static func row(for table: ContractTable, client: DynamoDBClient) async throws -> Row {
        let shape = Row.shape(of: table)
        do {
            let live = try await client.describeTable(table.name).table
            let differences = zip(shape, Row.shape(of: live)).filter { $0 != $1 }.map { "\($1) instead of \($0)" }
            return Row(
                table: table, change: differences.isEmpty ? .unchanged : .different,
                detail: differences.isEmpty ? shape.joined(separator: "; ") : differences.joined(separator: "; "))
        } catch {
            guard error.code == .notFound else { throw error }
            return Row(table: table, change: .create, detail: shape.joined(separator: "; "))
        }
    }

    func print(format: OutputFormat) {
        switch format {
        case .text:
            let lines = rows.map { [$0.table.name, $0.change.rawValue, $0.detail] }
            Swift.print(TextTable.render([["table", "state", "keys and indexes"]] + lines), terminator: "")
        case .json:
            var writer = JSONWriter()
            writer.beginArray()
            for row in rows {
                writer.beginObject()
                writer.member("table", row.table.name)
                writer.member("state", row.change.rawValue)
                writer.member("detail", row.detail)
                writer.endObject()
            }
            writer.endArray()
            Swift.print(writer.text)
        }
    }
}

extension TablePlan.Row {
    /// What of a table cannot be changed later, as text that can be compared: keys, then indexes.
    static func shape(of table: ContractTable) -> [String] {
        let keys = "keys " + keys(table.partitionKey, table.sortKey)
        let indexes = table.indexes.sorted { $0.name < $1.name }
            .map { "\($0.name) (\(self.keys($0.partitionKey, $0.sortKey)), \(projection($0.projection)))" }
        return [keys, indexes.isEmpty ? "no index" : indexes.joined(separator: ", ")]
    }

    private static func keys(_ partitionKey: KeyAttribute, _ sortKey: KeyAttribute?) -> String {
        let names = [partitionKey, sortKey].compactMap { $0 }.map { "\($0.name) \($0.type.rawValue)" }
        return names.joined(separator: " + ")
    }

    private static func projection(_ projection: Projection) -> String {
        switch projection {
        case .all: "ALL"
        case .keysOnly: "KEYS_ONLY"
        case .include(let names): "INCLUDE \(names.sorted().joined(separator: " "))"
        }
    }
}
