import ContractEngine
import ContractModel
import TableProvisioning
import TestSupport
import Testing
import Tidemark

/// The real contract's tables, made, made again, changed by hand and verified, against a local DynamoDB.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct TableProvisioningIntegrationTests {
    private static let limits = WaitLimits(
        timeout: .seconds(120), interval: .milliseconds(20), maximumInterval: .milliseconds(200))

    /// A contract on a client of its own.
    private struct Bench {
        let client: DynamoDBClient
        let document: ContractDocument
        var settings = DeploymentSettings()

        func plan() async throws -> TablePlan {
            let states = try await TableSurvey(client: client, settings: settings).states(of: document.contract)
            return TablePlan(of: document, settings: settings, capacity: capacity(of: document), states: states)
        }

        func apply() async throws -> [StepOutcome] {
            await TableApplier(client: client, limits: TableProvisioningIntegrationTests.limits).apply(try await plan())
        }

        func verification(sample: Int = 0, of table: String = "") async throws -> TableVerification {
            var verification = TableVerification(plan: try await plan())
            if let table = document.contract.table(named: table) {
                let read = try await ItemSampler(client: client).sample(table, limit: sample)
                verification.samples[table.name] = .read(read.sample, milliUnits: read.readMilliUnits)
            }
            return verification
        }
    }

    private static func realDocument() throws -> ContractDocument? {
        guard let folder = SharedFiles.folder.map({ "\($0)/modernizer/artifacts/stage-02" }) else { return nil }
        return try ContractDocument.load(
            contractPath: "\(folder)/migrationContract.json", patternsPath: "\(folder)/access_patterns_with_rps.md",
            modelPath: "\(folder)/dynamodb_data_model.md")
    }

    @Test(.enabled(if: SharedFiles.folder != nil, "../shared is not here"))
    func theRealContractsTablesAreMadeOnceAndVerified() async throws {
        guard let document = try Self.realDocument() else { return }
        try await DynamoDBFixture.with { client in
            var bench = Bench(client: client, document: document)
            bench.settings.all.tags = ["team": "shop"]
            bench.settings.tables["Users"] = DeploymentSettings.Values()
            bench.settings.tables["Users"]?.timeToLive = "expires_at"
            let first = try await bench.apply()
            #expect(first.allSatisfy { $0.end == .done })
            #expect(first.count { if case .create = $0.step { true } else { false } } == 3)
            let users = try await client.describeTable("Users")
            #expect(users.isActive && users.isProtectedFromDeletion && users.indexStatus.count == 3)
            #expect(try await client.describeContinuousBackups("Users").isPointInTimeRecoveryEnabled)
            #expect(try await client.describeTimeToLive("Users").attribute == "expires_at")
            #expect(try await client.tags(ofResource: users.arn ?? "")["team"] == "shop")
            #expect(try await bench.apply().isEmpty, "the second run has nothing to do")
            let verification = try await bench.verification()
            #expect(!verification.hasDrift && !verification.isIncomplete, "\(verification.text())")
        }
    }

    @Test func driftMadeByHandIsSeenAndMended() async throws {
        try await DynamoDBFixture.with { client in
            let bench = Bench(client: client, document: Self.document())
            _ = try await bench.apply()
            try await client.updateTable("Parcels", TableChange(indexes: [.delete(name: "ByCity")]))
            try await client.waitUntilIndexGone("Parcels", index: "ByCity", limits: Self.limits)
            try await client.updateTable("Parcels", TableChange(isProtectedFromDeletion: false))
            try await client.updateContinuousBackups("Parcels", isPointInTimeRecoveryEnabled: false)
            let extra = ContractIndex(name: "Extra", partitionKey: KeyAttribute(name: "state"))
            try await client.updateTable("Parcels", TableChange(indexes: [.create(extra)]))
            try await client.waitUntilActive("Parcels", interval: .milliseconds(20))
            try await client.putItem(table: "Parcels", item: Self.parcel(1))
            let kinds = try await bench.verification().plan.entries[0].differences.map(\.kind)
            #expect(Set(kinds) == [.missingIndex, .extraIndex, .deletionProtection, .pointInTimeRecovery])
            #expect(try await bench.apply().allSatisfy { $0.end == .done })
            #expect(try await bench.verification().plan.entries[0].differences.map(\.kind) == [.extraIndex])
            let found = try await client.query(table: "Parcels", index: "ByCity", keyCondition: "city" == "Bern")
            #expect(found.items.count == 1, "the new index has what was there before")
        }
    }

    @Test func otherKeysAreRefusedAndNothingIsTouched() async throws {
        try await DynamoDBFixture.with { client in
            try await client.createTable(
                ContractTable(name: "Parcels", partitionKey: KeyAttribute(name: "id", type: .N)))
            try await client.waitUntilActive("Parcels", interval: .milliseconds(20))
            let bench = Bench(client: client, document: Self.document())
            #expect(try await bench.plan().refused.count == 1)
            #expect(try await bench.apply().isEmpty)
            let live = try await client.describeTable("Parcels")
            #expect(live.table.indexes.isEmpty && !live.isProtectedFromDeletion)
        }
    }

    @Test func itemsThatBreakTypesTemplatesAndSizesAreSeen() async throws {
        try await DynamoDBFixture.with { client in
            let bench = Bench(client: client, document: Self.document())
            _ = try await bench.apply()
            for number in 0..<30 { try await client.putItem(table: "Parcels", item: Self.parcel(number)) }
            let right = try await bench.verification(sample: 30, of: "Parcels")
            #expect(!right.hasDrift, "\(right.text())")
            #expect(right.samples["Parcels"]?.count == 30)
            let wrong: [Item] = [
                ["note": 7], ["kind": "STATE#lost"], ["kind": "PARCEL"], ["colour": "red"],
                ["note": .string(String(repeating: "x", count: 60_000))],
            ].map { change in Self.parcel(100).merging(change) { $1 } }
            for (number, item) in wrong.enumerated() {
                try await client.putItem(
                    table: "Parcels", item: item.merging(["parcel_id": .string("w\(number)")]) { $1 })
            }
            let verification = try await bench.verification(sample: 100, of: "Parcels")
            let findings = verification.samples["Parcels"]?.findings ?? []
            #expect(
                Set(findings.filter(\.kind.isDrift).map { "\($0.kind) \($0.attribute) \($0.count)" }) == [
                    "type note 1", "keyTemplate kind 1", "unknownKind  1", "unknownAttribute colour 1", "size  34",
                ])
            #expect(
                verification.driftCount == 5
                    && verification.text().contains("note is N, the contract says S (1 of 34"))
        }
    }

    // MARK: Parcels

    private static func document() -> ContractDocument {
        let names: [(String, AttributeType)] = [
            ("parcel_id", .S), ("kind", .S), ("city", .S), ("weight", .N), ("state", .S), ("note", .S),
        ]
        let table = ContractTable(
            name: "Parcels", partitionKey: KeyAttribute(name: "parcel_id"), sortKey: KeyAttribute(name: "kind"),
            indexes: [
                ContractIndex(
                    name: "ByCity", partitionKey: KeyAttribute(name: "city"),
                    sortKey: KeyAttribute(name: "weight", type: .N))
            ],
            entities: [
                ContractEntity(
                    name: "Parcels", sortKeyTemplate: KeyTemplate("STATE#{state}"),
                    attributes: names.map { ContractAttribute(name: $0.0, type: $0.1) })
            ], estimatedItemSizeInBytes: 100)
        return ContractDocument(contract: MigrationContract(tables: [table]), patterns: [])
    }

    private static func parcel(_ number: Int) -> Item {
        [
            "parcel_id": .string("p-\(number)"), "kind": "STATE#sent", "state": "sent", "city": "Bern",
            "weight": .number(number), "note": "with care, this side up, to be signed for",
        ]
    }
}

extension TableVerification.Sampling {
    fileprivate var findings: [ItemSample.Finding] {
        if case .read(let sample, _) = self { sample.findings } else { [] }
    }
    fileprivate var count: Int { if case .read(let sample, _) = self { sample.count } else { 0 } }
}
