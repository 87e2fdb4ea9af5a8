import ContractEngine
import ContractModel
import TableProvisioning
import Testing
import Tidemark

/// What is decided, without a server: contract, settings and live tables in, steps out.
struct TablePlanTests {
    @Test func missingTableIsCreatedAndThenWhatCreateTableDoesNotTake() throws {
        let entry = try Parcels.plan(.missing, settings: "time-to-live: expires").entries[0]
        #expect(entry.outlook == .create)
        #expect(entry.steps.map(\.short) == ["create", "recover", "expire"])
        let specification = entry.desired.specification
        #expect(specification.billing == .onDemand && specification.isProtectedFromDeletion)
        #expect(specification.warmThroughput == nil)
        // 7 reads and twice 20 writes a second: 2.628 × (7 × 0.125 + 40 × 0.625).
        #expect(abs((entry.desired.dollarsPerMonth ?? 0) - 67.9995) < 0.0001)
    }

    @Test func tableAsTheContractSaysNeedsNothing() throws {
        let plan = try Parcels.plan(.present(Parcels.live()))
        #expect(plan.isFinished && plan.entries[0].differences.isEmpty && plan.entries[0].unknowns.isEmpty)
    }

    @Test func whatAnInterruptedApplyLeftUndoneIsFound() throws {
        // CreateTable was sent, and nothing after it.
        let begun = Parcels.live {
            $0.status = "CREATING"
            $0.isRecoverable = .told(false)
        }
        #expect(
            try Parcels.entry(begun, settings: "time-to-live: expires").steps.map(\.short) == [
                "wait", "recover", "expire",
            ])
        let filling = Parcels.live { $0.indexStatus = ["ByCity": "CREATING"] }
        #expect(try Parcels.entry(filling).steps == [.wait(status: "ByCity CREATING")])
    }

    // MARK: What cannot change

    @Test(arguments: ["name", "type", "sort key"])
    func otherKeysAreRefused(_ what: String) throws {
        let live = Parcels.live {
            switch what {
            case "name": $0.table.partitionKey.name = "id"
            case "type": $0.table.partitionKey.type = .N
            default: $0.table.sortKey = nil
            }
            $0.isProtectedFromDeletion = false
        }
        let entry = try Parcels.entry(live)
        #expect(entry.outlook == .refused && entry.steps.isEmpty, "nothing of the table is touched")
        #expect(entry.differences.first?.kind == .tableKeys)
        guard case .refused(let advice)? = entry.differences.first?.remedy else { throw Unexpected() }
        #expect(advice.contains("cannot be changed") && advice.contains("another name"))
    }

    struct Unexpected: Error {}

    @Test func otherIndexIsRefusedAndOneMoreIsKept() throws {
        let keys = Parcels.live { $0.table.indexes[0].sortKey = nil }
        #expect(try Parcels.entry(keys).differences.map(\.kind) == [.indexKeys])
        let both = Parcels.live {
            $0.table.indexes[0].partitionKey = KeyAttribute(name: "street")
            $0.table.indexes[0].projection = .keysOnly
        }
        #expect(try Parcels.entry(both).differences.map(\.kind) == [.indexKeys, .projection])
        let projection = Parcels.live { $0.table.indexes[0].projection = .keysOnly }
        #expect(
            try Parcels.entry(projection).differences.map(\.words) == [
                "the index ByCity holds keys only instead of all attributes"
            ])
        let more = Parcels.live {
            $0.table.indexes.append(ContractIndex(name: "Old", partitionKey: KeyAttribute(name: "state")))
        }
        let entry = try Parcels.entry(more)
        #expect(entry.differences.map(\.kind) == [.extraIndex] && entry.differences[0].isDrift)
        #expect(entry.outlook == .unchanged && entry.steps.isEmpty)
    }

    @Test func projectionIsASetOfNames() throws {
        var table = Parcels.table
        table.indexes[0].projection = .include(["state", "kind"])
        let live = Parcels.live { $0.table.indexes[0].projection = .include(["kind", "state"]) }
        #expect(try Parcels.plan(.present(live), tables: [table]).isFinished)
    }

    @Test func attributeHasOneTypeInAllKeys() throws {
        let live = Parcels.live {
            $0.table.indexes = [ContractIndex(name: "Other", partitionKey: KeyAttribute(name: "weight", type: .S))]
        }
        let entry = try Parcels.entry(live)
        #expect(entry.outlook == .refused && entry.differences.first?.kind == .keyType)
    }

    @Test func tableThatIsBeingDeletedIsLeftAlone() throws {
        #expect(try Parcels.entry(Parcels.live { $0.status = "DELETING" }).outlook == .refused)
    }

    // MARK: Indexes

    @Test func missingIndexIsMadeWithTheTablesBilling() throws {
        let bare = Parcels.live {
            $0.table.indexes = []
            $0.indexStatus = [:]
            $0.itemCount = 3_000_000
        }
        let entry = try Parcels.entry(bare)
        #expect(entry.steps == [.createIndex(Parcels.byCity, nil, warm: nil)])
        // 3,000,000 entries of 2,000 bytes: two units each, $0.625 a million.
        #expect(abs(entry.fillDollars - 3.75) < 1e-9)
        var provisioned = bare
        provisioned.billing = .provisioned(Throughput(reads: 100, writes: 100))
        // ⌈20 / 0.7⌉ = 29; nothing reads it.
        #expect(
            try Parcels.entry(provisioned, settings: "billing: provisioned").steps
                == [.createIndex(Parcels.byCity, Throughput(reads: 1, writes: 29), warm: nil)])
        // Nobody says how the table is to be paid for: its index is paid for as it is.
        #expect(
            try Parcels.entry(provisioned).steps
                == [.createIndex(Parcels.byCity, Throughput(reads: 100, writes: 100), warm: nil)])
    }

    // MARK: Settings

    @Test func billingIsLeftUnlessItIsAskedFor() throws {
        let provisioned = Parcels.live { $0.billing = .provisioned(Throughput(reads: 5, writes: 50)) }
        #expect(try Parcels.entry(provisioned).steps.isEmpty)
        #expect(
            try Parcels.entry(provisioned, settings: "billing: on-demand").steps == [.bill(.onDemand, indexes: [:])])
        // ⌈7 / 0.7⌉ = 10 reads, ⌈20 / 0.7⌉ = 29 writes; the index is given its own in the same request.
        #expect(
            try Parcels.entry(Parcels.live(), settings: "billing: provisioned").steps
                == [
                    .bill(
                        .provisioned(Throughput(reads: 10, writes: 29)),
                        indexes: ["ByCity": Throughput(reads: 1, writes: 29)])
                ])
    }

    @Test func provisionedCapacityIsAutoScalingsUnlessNumbersAreGiven() throws {
        let small = Parcels.live { $0.billing = .provisioned(Throughput(reads: 5, writes: 50)) }
        let entry = try Parcels.entry(small, settings: "billing: provisioned")
        #expect(entry.steps.isEmpty && entry.differences.map(\.kind) == [.capacity])
        #expect(entry.differences.allSatisfy { !$0.isDrift })
        let given = "{billing: provisioned, read-units: 8, write-units: 80}"
        #expect(
            try Parcels.entry(small, settings: given).steps
                == [.bill(.provisioned(Throughput(reads: 8, writes: 80)), indexes: [:])])
    }

    @Test func protectionAndRecoveryAreAddedAndNeverTakenAway() throws {
        let bare = Parcels.live {
            $0.isProtectedFromDeletion = false
            $0.isRecoverable = .told(false)
        }
        #expect(try Parcels.entry(bare).steps == [.protect, .recover])
        let off = "{deletion-protection: false, point-in-time-recovery: false}"
        #expect(try Parcels.entry(bare, settings: off).steps.isEmpty)
        #expect(try Parcels.entry(Parcels.live(), settings: off).steps.isEmpty)
    }

    @Test func itemsExpireByOneAttribute() throws {
        #expect(
            try Parcels.entry(Parcels.live(), settings: "time-to-live: expires").steps == [
                .expire(attribute: "expires")
            ])
        let other = Parcels.live { $0.timeToLive = .told("until") }
        let entry = try Parcels.entry(other, settings: "time-to-live: expires")
        #expect(entry.steps.isEmpty && entry.differences.map(\.words) == ["items expire by until instead of expires"])
        #expect(entry.differences[0].isDrift)
        #expect(
            try Parcels.entry(other).differences.map(\.isDrift) == [true], "DynamoDB deletes, and nobody asked for it")
    }

    @Test func onlyMissingTagsArePut() throws {
        let live = Parcels.live { $0.tags = .told(["team": "post", "cost": "7", "stage": "old"]) }
        let settings = "tags: {team: post, stage: new, owner: me}"
        #expect(try Parcels.entry(live, settings: settings).steps == [.tag(["stage": "new", "owner": "me"])])
    }

    @Test func settingsOfOneTableGoOverThoseOfAll() throws {
        let settings = try Parcels.settings(
            "{billing: provisioned, tags: {team: post, tier: a}, tables: {Parcels: {billing: on-demand, tags: {tier: b}}}}"
        )
        let values = settings.values(of: Parcels.table)
        #expect(values.billing == .onDemand && values.tags == ["team": "post", "tier": "b"])
        #expect(settings.values(of: Parcels.named("Letters")).billing == .provisioned(nil))
    }

    // MARK: Warm throughput

    @Test func peakThatANewTableDoesNotServeIsWarmed() throws {
        // 1,500 writes a second × 2 units = 3,000: 75% of 4,000. So that it is 70%: ⌈3,000 / 0.7⌉ = 4,286, index alike.
        let warm = Throughput(reads: 12_000, writes: 4_286)
        let created = try Parcels.plan(.missing, rate: 1_500).entries[0].desired.specification
        #expect(created.warmThroughput == warm && created.indexWarmThroughput == ["ByCity": warm])
        let cold = Parcels.live {
            $0.warmThroughput = Throughput(reads: 15_000, writes: 4_000)
            $0.indexWarmThroughput = ["ByCity": Throughput(reads: 12_000, writes: 9_000)]
        }
        // What is warm already is not made less.
        #expect(
            try Parcels.entry(cold, rate: 1_500).steps == [
                .warm(Throughput(reads: 15_000, writes: 4_286), indexes: [:])
            ])
        #expect(try Parcels.entry(cold, settings: "warm-throughput: false", rate: 1_500).steps.isEmpty)
        #expect(try Parcels.entry(cold, rate: 10).steps.isEmpty)
    }

    @Test func serverThatDoesNotTellWarmThroughputIsNotAskedForMore() throws {
        let entry = try Parcels.entry(Parcels.live(), rate: 1_500)
        #expect(entry.steps.isEmpty && entry.unknowns.map(\.action) == [nil])
    }

    // MARK: What may not be asked

    @Test func whatMayNotBeAskedIsSaidWithThePermission() throws {
        let live = Parcels.live {
            $0.isRecoverable = .notAllowed(action: "dynamodb:DescribeContinuousBackups")
            $0.tags = .notAllowed(action: "dynamodb:ListTagsOfResource")
            $0.timeToLive = .unavailable("it does not know the operation")
        }
        let entry = try Parcels.entry(live, settings: "{tags: {a: b}, time-to-live: expires}")
        #expect(entry.steps.isEmpty)
        #expect(
            entry.unknowns.map(\.text) == [
                "point-in-time recovery is not known: the credentials may not dynamodb:DescribeContinuousBackups",
                "time to live is not known: it does not know the operation",
                "whether the tags are there is not known: the credentials may not dynamodb:ListTagsOfResource",
            ])
        #expect(try Parcels.plan(.notAllowed).entries[0].outlook == .unknown)
        let plan = try Parcels.plan(.present(live), settings: "tags: {a: b}")
        #expect(plan.isIncomplete && plan.isFinished)
        #expect(TablePlanReport(plan).text().hasSuffix("the credentials may not look at everything.\n"))
    }
}
