import ContractEngine
import ContractModel
import JSONBytes
import TableProvisioning
import TestSupport
import Testing
import Tidemark

/// What people see.
struct TableReportTests {
    @Test func newTableAsPeopleReadIt() throws {
        let plan = try Parcels.plan(.missing, settings: "{time-to-live: expires, tags: {team: post}}", rate: 1_500)
        let expected = """
            Parcels  to be created
              + keys parcel_id S, kind S
              + index ByCity: city S, weight N; all attributes
              + on demand
              + serves 12,000 read and 4,286 write units/s at once
              + index ByCity: serves 12,000 read and 4,286 write units/s at once
              + protected from deletion, point-in-time recovery, items expire by expires
              + tags team=post
                $9,857 a month with its indexes, without storage; warm throughput is charged once, for what is added

            Plan: 1 to create; nothing is deleted. New tables: $9,857 a month.

            """
        #expect(TablePlanReport(plan).text() == expected)
    }

    /// A contract that is read without a data model and without rates: what is made of it rests on guesses.
    private static func guessed() throws -> ContractDocument {
        let text = """
            {"tables": [{"table": "Letters", "pk": "letter_id", "satisfies": ["AP1"],
              "attributes": [{"name": "letter_id", "type": "S"}]}]}
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: text),
            patterns: SourceText(
                name: "p.md",
                text: "| Pattern | Description | Peak RPS | Type |\n|---|---|---|---|\n"
                    + "| AP1 | Read a letter | 10 | Read |\n"))
    }

    @Test func whatTheNumbersRestOnIsPrintedWhereThereIsSomethingToDo() throws {
        let document = try Self.guessed()
        let capacity = capacity(of: document)
        let plan = TablePlan(of: document, capacity: capacity, states: ["Letters": .missing])
        let text = TablePlanReport(plan, capacity: capacity).text()
        for line in [
            "\nAssumed, since no document says it outright, and what it moved\n",
            "  · Letters claims it in `satisfies`; no document names its operation: GetItem, by its description\n",
            "\n! No data model is given (--model): what 1 of 1 pattern (AP1) does is concluded from `satisfies`",
            "\n! The contract gives no size for items of Letters: 1,024 bytes are taken",
        ] { #expect(text.contains(line), "\(line)") }
        #expect(text.hasSuffix("\n\nPlan: 1 to create; nothing is deleted. New tables: $1.64 a month.\n"))
        let body = try JSONValue.parse(Array(TablePlanReport(plan, capacity: capacity).json().utf8))
        #expect(body["caveats"]?.arrayValue?.count == 2 && (body["assumptions"]?.arrayValue?.count ?? 0) > 2)
        // Where there is nothing to do there are no numbers.
        let nothing = try Parcels.plan(.present(Parcels.live()))
        #expect(!TablePlanReport(nothing, capacity: capacity).text().contains("Assumed"))
    }

    @Test func changesAsPeopleReadThem() throws {
        let live = Parcels.live {
            $0.table.indexes = [ContractIndex(name: "Old", partitionKey: KeyAttribute(name: "state"))]
            $0.indexStatus = [:]
            $0.itemCount = 3_000_000
            $0.sizeInBytes = 10 << 30
            $0.isRecoverable = .told(false)
            $0.tags = .notAllowed(action: "dynamodb:ListTagsOfResource")
        }
        let plan = try Parcels.plan(.present(live), settings: "tags: {team: post}")
        let expected = """
            Parcels  2 changes
              ~ create the index ByCity: city S, weight N; all attributes
              · the index Old is not in the contract (state S; all attributes)
                → It is kept. It costs with every write: delete it by hand if nothing reads it, or add it to the contract.
              ~ switch point-in-time recovery on
              ? whether the tags are there is not known: the credentials may not dynamodb:ListTagsOfResource
                ByCity costs $32.85 a month, without storage; filling new indexes costs $3.75 once; recovery costs $2.00 a
                month for what is stored now

            Plan: 2 changes; nothing is deleted.

            """
        #expect(TablePlanReport(plan).text() == expected)
    }

    @Test func refusalSaysWhatToDo() throws {
        let plan = try Parcels.plan(.present(Parcels.live { $0.table.partitionKey.name = "id" }))
        let expected = """
            Parcels  refused
              ! the table has the keys id S, kind S instead of parcel_id S, kind S
                → A table's keys cannot be changed. Correct the contract, or give the new form another name, make it, copy
                  the items into it, and delete the old table by hand when nothing reads it.

            Plan: 1 refused; nothing is deleted.

            """
        #expect(TablePlanReport(plan).text() == expected)
    }

    @Test func driftAsPeopleReadIt() throws {
        let live = Parcels.live {
            $0.table.indexes[0].projection = .keysOnly
            $0.isRecoverable = .told(false)
        }
        var sample = ItemSample(of: Parcels.table)
        for number in 0..<3 {
            sample.add([
                "parcel_id": .string("p\(number)"), "kind": "STATE#sent", "state": "sent", "city": "Bern",
                "weight": number == 0 ? "3" : 3,
            ])
        }
        let verification = TableVerification(
            plan: try Parcels.plan(.present(live)), samples: ["Parcels": .read(sample, milliUnits: 4_500)])
        let expected = """
            Parcels  3 differences
              ! the index ByCity holds keys only instead of all attributes
                → An index cannot be changed. Give the new form another name in the contract, apply, move its readers, and
                  delete the old index by hand.
              ! point-in-time recovery is off
                → 'tidemark tables apply' would switch point-in-time recovery on.
              3 items read for 4.5 read units
                kind     items  average B  largest B  estimate B
                Parcels      3         50         50       2,000
              ! weight is S, the contract says N (1 of 3 items)
              · 50 bytes on average, the estimate says 2,000 (3 of 3 items)

            Drift: 3 differences from the contract. 'tidemark tables apply' mends 1 of 3.

            """
        #expect(verification.text() == expected)
        #expect(verification.hasDrift && !verification.isIncomplete)
    }

    @Test func attributesThatNoItemHasAreToldTogether() throws {
        var sample = ItemSample(of: Parcels.table)
        for number in 0..<12 {
            sample.add(["parcel_id": .string("p\(number)"), "kind": "STATE#sent", "state": "sent"])
        }
        let plan = try Parcels.plan(.present(Parcels.live()))
        let text = TableVerification(plan: plan, samples: ["Parcels": .read(sample, milliUnits: 500)]).text()
        #expect(text.contains("\n  · city and weight are in none of 12 items\n"))
        #expect(text.hasSuffix("No drift: the tables are as the contract says.\n"))
    }

    @Test func reportsAreJSONToo() throws {
        let plan = try Parcels.plan(.present(Parcels.live { $0.isProtectedFromDeletion = false }))
        let body = try JSONValue.parse(Array(TablePlanReport(plan).json().utf8))
        let table = body["tables"]?.arrayValue?.first
        #expect(body["finished"]?.boolValue == false && table?["state"]?.stringValue == "change")
        #expect(table?["differences"]?.arrayValue?.first?["kind"]?.stringValue == "deletionProtection")
        #expect(table?["steps"]?.arrayValue?.map { $0["step"]?.stringValue } == ["protect it from deletion"])
        let verified = try JSONValue.parse(Array(TableVerification(plan: plan).json().utf8))
        #expect(verified["drift"]?.intValue == 1 && verified["complete"]?.boolValue == true)
        let failed = StepOutcome(
            table: "Parcels", step: .protect, end: .failed("no", missingActions: ["dynamodb:UpdateTable"]))
        let done = try JSONValue.parse(Array(TablePlanReport(plan, outcomes: [failed]).json().utf8))
        let step = done["tables"]?.arrayValue?.first?["steps"]?.arrayValue?.first
        #expect(step?["end"]?.stringValue == "failed" && step?["missingActions"]?.arrayValue?.count == 1)
        #expect(done["tables"]?.arrayValue?.first?["state"]?.stringValue == "unfinished")
    }

    // MARK: CloudFormation

    private func template(_ settings: String) throws -> String {
        var second = Parcels.table
        second.name = "parcels.archive"
        second.indexes[0].projection = .include(["state"])
        var document = Parcels.document([Parcels.table, second], rate: 1_500)
        document.patterns.append(
            AccessPattern(
                id: "AP3", peakRPS: 100, averageRPS: 20, type: .write,
                operations: [PatternOperation(operation: "PutItem", table: second.name)]))
        return CloudFormationTemplate(
            document, settings: try Parcels.settings(settings), capacity: capacity(of: document)
        ).json()
    }

    private static let settings =
        "{time-to-live: expires, tags: {team: post}, tables: {parcels.archive: {billing: provisioned, deletion-protection: false}}}"

    @Test func templateIsTheGoldenOne() throws {
        let json = try template(Self.settings)
        #expect(json == (try golden("Tests/TableProvisioningTests/Golden/tables.template.json", actual: json)))
    }

    /// What CloudFormation and DynamoDB check of a template before anything is made.
    @Test(arguments: [settings, "billing: provisioned", "{}"])
    func templateIsOneThatCloudFormationTakes(_ settings: String) throws {
        let root = try JSONValue.parse(Array(try template(settings).utf8))
        let resources = try #require(root["Resources"]?.objectValue)
        #expect(Set(resources.map(\.name)).count == resources.count)
        let isName = resources.allSatisfy { $0.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }
        #expect(isName)
        for resource in resources where resource.value["Type"]?.stringValue == "AWS::DynamoDB::Table" {
            let properties = try #require(resource.value["Properties"])
            let indexes = properties["GlobalSecondaryIndexes"]?.arrayValue ?? []
            let schemas = ([properties] + indexes).compactMap { $0["KeySchema"]?.arrayValue }
            let used = schemas.flatMap { $0 }.compactMap { $0["AttributeName"]?.stringValue }
            let defined = (properties["AttributeDefinitions"]?.arrayValue ?? []).compactMap {
                $0["AttributeName"]?.stringValue
            }
            #expect(
                Set(used) == Set(defined) && Set(defined).count == defined.count, "only keys are defined, each once")
            #expect(
                schemas.allSatisfy {
                    ["HASH", "HASH RANGE"].contains($0.compactMap { $0["KeyType"]?.stringValue }.joined(separator: " "))
                })
            let isProvisioned = properties["BillingMode"]?.stringValue == "PROVISIONED"
            #expect(([properties] + indexes).allSatisfy { ($0["ProvisionedThroughput"] != nil) == isProvisioned })
            #expect(
                resource.value["DeletionPolicy"]?.stringValue == "Retain"
                    && resource.value["UpdateReplacePolicy"]?.stringValue == "Retain")
        }
        let targets = resources.filter {
            $0.value["Type"]?.stringValue == "AWS::ApplicationAutoScaling::ScalableTarget"
        }
        for policy in resources where policy.value["Type"]?.stringValue == "AWS::ApplicationAutoScaling::ScalingPolicy"
        {
            let target = policy.value["Properties"]?["ScalingTargetId"]?["Ref"]?.stringValue
            #expect(targets.contains { $0.name == target })
        }
        for target in targets {
            #expect(resources.contains { $0.name == target.value["DependsOn"]?.stringValue })
            let minimum = target.value["Properties"]?["MinCapacity"]?.intValue ?? 0
            #expect(minimum >= 1 && minimum <= target.value["Properties"]?["MaxCapacity"]?.intValue ?? 0)
        }
    }
}
