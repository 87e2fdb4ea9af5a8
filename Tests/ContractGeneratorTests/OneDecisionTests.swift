import ContractEngine
import ContractGenerator
import ContractModel
import Foundation
import Monitoring
import TestSupport
import Testing

/// What is charged, alarmed on and allowed is what generated code calls. The calls are read out of the generated text, so that no two
/// parts can agree by asking the same question twice.
struct OneDecisionTests {
    /// Calls of each pattern: "Query Users.GSI1".
    typealias Calls = [String: Set<String>]

    /// The methods of `TypedRepository` that generated code calls, and what they call.
    private static func operations(_ verb: String, index: String?) -> [String] {
        switch verb {
        case "get": ["GetItem"]
        case "find", "findKey", "queryPages": ["Query\(index.map { " ." + $0 } ?? "")"]
        case "findByScan", "findKeyByScan", "scanPages": ["Scan"]
        case "put": ["PutItem"]
        case "update": ["UpdateItem"]
        case "delete": ["DeleteItem"]
        case "deleteAll": ["Query", "BatchWriteItem"]
        case "batchGet": ["BatchGetItem"]
        case "batchPut", "batchDelete": ["BatchWriteItem"]
        case "create", "transact": ["TransactWriteItems"]
        default: ["an unknown \(verb)"]
        }
    }

    private static func calls(of code: GeneratedCode, tables: [String: String]) -> Calls {
        var calls: Calls = [:]
        for (type, table) in tables {
            let text = code.files.first { $0.name == "\(type)Repository.swift" }?.text ?? ""
            for match in text.matches(of: #/items\.(\w+)\(([\s\S]*?)pattern: "(\w+)"/#) {
                let index = match.output.2.firstMatch(of: #/index: "(\w+)"/#).map { String($0.output.1) }
                for operation in operations(String(match.output.1), index: index) {
                    let parts = operation.split(separator: " ").map(String.init)
                    calls[String(match.output.3), default: []].insert(
                        "\(parts[0]) \(table)\(parts.count > 1 ? parts[1] : "")")
                }
            }
            // A transaction of reads is the client's own call.
            for match in text.matches(of: #/options\.pattern = "(\w+)"\s+return try await items\.client\.(\w+)/#) {
                let name = match.output.2 == "transactGetItems" ? "TransactGetItems" : "an unknown \(match.output.2)"
                calls[String(match.output.1), default: []].insert("\(name) \(table)")
            }
            // It is a method of the repository that it touches first, which names the others.
            for method in text.components(separatedBy: "\n    }\n") {
                guard let id = method.firstMatch(of: #/\/\/\/ (AP\d+): /#)?.output.1,
                    let others = method.firstMatch(of: #/same transaction also (writes to|reads from) ([\s\S]*?)\.\n/#)
                else { continue }
                let name = others.output.1 == "writes to" ? "TransactWriteItems" : "TransactGetItems"
                for other in others.output.2.matches(of: #/`(\w+)/#) {
                    calls[String(id), default: []].insert("\(name) \(other.output.1)")
                }
            }
        }
        return calls
    }

    /// An index's share of a write is no call.
    private static func charged(_ document: ContractDocument) -> Calls {
        var calls: Calls = [:]
        for demand in capacity(of: document).patterns {
            for charge in demand.charges where charge.index == nil || charge.writeUnitsPerCall == 0 {
                let place = charge.index.map { "\(charge.table).\($0)" } ?? charge.table
                calls[demand.pattern.id, default: []].insert("\(charge.operation) \(place)")
            }
        }
        return calls
    }

    private static func documents() throws -> ContractDocument {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        return try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
    }

    private static let tables = [
        "User": "Users", "Cart": "Users", "Order": "Users", "Product": "Products", "Category": "Categories",
    ]

    @Test(.enabled(if: SharedFiles.folder != nil, "../shared is not here"))
    func everyPatternOfTheRealContractIsChargedAsItIsGenerated() throws {
        let document = try Self.documents()
        let made = Self.calls(of: try GeneratedCode.make(document), tables: Self.tables)
        let charged = Self.charged(document)
        // The model leaves it to a search engine, whatever the table claims: neither generated nor charged, and told by `lint`.
        #expect(charged["AP36"] == nil && made["AP36"] == nil)
        #expect(made.count == 44)
        for id in Set(made.keys).union(charged.keys).sorted() { #expect(made[id] == charged[id], "\(id)") }
    }

    @Test(.enabled(if: SharedFiles.folder != nil, "../shared is not here"))
    func theRealServiceIsAllowedWhatItsCodeCallsAndNoMore() throws {
        let document = try Self.documents()
        let made = Self.calls(of: try GeneratedCode.make(document), tables: Self.tables)
        var needed: Set<String> = []
        for call in made.values.joined() {
            let parts = call.split(separator: " ").map(String.init)
            let path = parts[1].split(separator: ".").joined(separator: "/index/")
            needed.formUnion(IAMPolicy.iamActions(of: parts[0]).map { "\($0) table/\(path)" })
        }
        let allowed = IAMPolicy.runtime(of: document).statements.flatMap { statement in
            statement.resources.flatMap { resource in
                statement.actions.map { "\($0) \(resource.split(separator: ":").last ?? "")" }
            }
        }
        #expect(Set(allowed) == needed)
    }

    @Test func theExamplesPatternsAreChargedAsTheyAreGenerated() throws {
        let folder = "\(SharedFiles.packageRoot)/Examples"
        let document = try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
        let hints = try GenerationHints.load(path: "\(folder)/tidemark-generate.yaml")
        let made = Self.calls(
            of: try GeneratedCode.make(document, hints: hints),
            tables: ["Bike": "Bikes", "Station": "Stations", "Rider": "Riders", "Ride": "Riders", "Pass": "Riders"])
        let charged = Self.charged(document)
        #expect(!made.isEmpty)
        for id in Set(made.keys).union(charged.keys).sorted() { #expect(made[id] == charged[id], "\(id)") }
    }
}
