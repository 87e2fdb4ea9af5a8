import CloudWatch
import ContractEngine
import Foundation
import JSONBytes
import Monitoring
import TestSupport
import Testing

@Suite struct IAMPolicyTests {
    /// What the agent and the commands call, by their sources: a permission that nothing needs is one too many.
    @Test func agentAndOperatorMayDoExactlyWhatTheyCall() throws {
        let sources = try ["AgentCore", "Monitoring", "TidemarkCLI"].flatMap { try swiftSources(of: $0) }
        let called = CloudWatchOperation.allCases.filter { operation in
            let method = operation.rawValue.prefix(1).lowercased() + operation.rawValue.dropFirst()
            return sources.contains { $0.contains(".\(method)(") }
        }
        let allowed = IAMPolicy.agent.actions.union(IAMPolicy.operatorPolicy().actions)
        #expect(allowed == Set(called.map(\.iamAction)))
        #expect(IAMPolicy.agent.actions.isDisjoint(with: IAMPolicy.operatorPolicy().actions))
    }

    private func swiftSources(of target: String) throws -> [String] {
        let folder = packageFile("Sources/\(target)")
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
            .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
    }

    @Test func theAgentPublishesIntoItsNamespaceOnly() throws {
        let statement = try #require(IAMPolicy.agent.statements.first)
        #expect(statement.stringEquals == ["cloudwatch:namespace": "Tidemark"])
    }

    @Test func theServiceMayDoWhatItsPatternsDo() {
        let policy = IAMPolicy.runtime(of: makeDocument(), region: "eu-west-1", account: "123456789012")
        let rights = policy.statements.flatMap { statement in
            statement.resources.map {
                "\($0.split(separator: ":").last ?? "") \(statement.actions.joined(separator: ","))"
            }
        }
        let writes = "dynamodb:ConditionCheckItem,dynamodb:DeleteItem,dynamodb:PutItem,dynamodb:UpdateItem"
        #expect(
            Set(rights) == [
                "table/Carts \(writes)",
                "table/Orders dynamodb:ConditionCheckItem,dynamodb:DeleteItem,dynamodb:GetItem,dynamodb:PutItem,dynamodb:UpdateItem",
                "table/Orders/index/ByCustomer dynamodb:Query",
            ])
        #expect(Set(policy.statements.map(\.id)).count == policy.statements.count)
    }

    /// Generated code finds by an index what its caller does not know the key of, and keeps the places of unique values.
    @Test func theServiceMayDoWhatGeneratedCodeDoesBesides() throws {
        let document = try ContractDocument.load(
            contractPath: packageFile("Tests/ContractGeneratorTests/Fixtures/accounts.json"))
        let policy = IAMPolicy.runtime(of: document)
        func actions(_ path: String) -> Set<String> {
            Set(policy.statements.filter { $0.resources.contains { $0.hasSuffix("table/\(path)") } }.flatMap(\.actions))
        }
        #expect(actions("Places").isSuperset(of: ["dynamodb:PutItem", "dynamodb:DeleteItem"]))
        #expect(actions("Accounts/index/ByEmail") == ["dynamodb:Query"])
        #expect(
            actions("Accounts").isSuperset(of: [
                "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
            ]))
    }

    /// An update can change a unique value whatever its pattern's words say, and is then more than an update.
    @Test func whatKeepsUniqueValuesIsAllowedWithEveryWrite() throws {
        let text = """
            {"tables": [{"table": "Users", "pk": "id", "unique_constraints": [
                {"attributes": ["email"], "lookup_table": "Emails", "pk_template": "{email}"}],
              "attributes": [{"name": "id", "type": "S"}, {"name": "email", "type": "S"}]},
             {"table": "Emails", "pk": "email", "attributes": [{"name": "email", "type": "S"}]}],
             "access_patterns": [{"id": "AP1", "description": "Update a user", "type": "Write", "key_attributes": ["id"],
               "operations": [{"operation": "UpdateItem", "table": "Users"}]}]}
            """
        let policy = IAMPolicy.runtime(
            of: try ContractDocument.read(contract: SourceText(name: "c.json", text: text)))
        func actions(_ table: String) -> Set<String> {
            let own = policy.statements.filter { $0.resources.contains { $0.hasSuffix("table/\(table)") } }
            return Set(own.flatMap(\.actions))
        }
        let parts = IAMPolicy.iamActions(of: "TransactWriteItems")
        #expect(actions("Users") == parts.union(["dynamodb:GetItem"]) && actions("Emails") == parts)
    }

    /// What the documents name and nobody calls is not allowed: least privilege follows the calls that are made.
    @Test(.enabled(if: SharedFiles.folder != nil, "../shared is not here"))
    func theRealServiceMayDoNoMoreThanIsCalled() throws {
        let folder = try #require(SharedFiles.folder) + "/modernizer/artifacts/stage-02"
        let document = try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
        var allowed: [String: Set<String>] = [:]
        for statement in IAMPolicy.runtime(of: document).statements {
            for resource in statement.resources {
                let path = String(resource.split(separator: ":").last?.dropFirst("table/".count) ?? "")
                allowed[path, default: []].formUnion(statement.actions.map { String($0.dropFirst("dynamodb:".count)) })
            }
        }
        #expect(allowed["Categories"] == ["DeleteItem", "PutItem", "Scan", "UpdateItem"])
        for path in ["Users/index/GSI1", "Users/index/GSI2", "Users/index/GSI3", "Categories/index/GSI1"] {
            #expect(allowed[path] == ["Query"])
        }
        #expect(allowed["Users"]?.contains("Scan") == false && allowed["Products"]?.contains("Scan") == false)
    }

    @Test(arguments: [
        ("agent", IAMPolicy.agent), ("operator", .operatorPolicy()), ("tables", .tables()),
        ("examples/service", .runtime(of: makeDocument())),
    ])
    func theFilesAreThePolicies(_ name: String, _ policy: IAMPolicy) throws {
        #expect(policy.json() == (try golden("policies/\(name).json", actual: policy.json())))
    }

    @Test func documentsAreJSONOfIAMsForm() throws {
        let json = try JSONValue.parse(Array(IAMPolicy.runtime(of: makeDocument()).json().utf8))
        #expect(json["Version"]?.stringValue == "2012-10-17")
        #expect(json["Statement"]?.arrayValue?.allSatisfy { $0["Effect"]?.stringValue == "Allow" } == true)
    }
}
