import ContractModel
import JSONBytes
import TableProvisioning
import Testing
import Tidemark

/// What apply cannot do is said as such, and what a table costs is what it will be charged.
struct ByHandTests {
    private func state(_ plan: TablePlan) throws -> JSONValue? {
        try JSONValue.parse(Array(TablePlanReport(plan).json().utf8))["tables"]?.arrayValue?.first
    }

    @Test func anotherExpiryAttributeIsForAPerson() throws {
        let live = Parcels.live { $0.timeToLive = .told("until") }
        let plan = try Parcels.plan(.present(live), settings: "time-to-live: expires")
        #expect(plan.entries[0].outlook == .byHand && plan.needsPeople && !plan.hasSteps && !plan.isFinished)
        let text = TablePlanReport(plan).text()
        #expect(
            text.hasPrefix(
                "Parcels  to be mended by hand\n  · items expire by until instead of expires\n    → Switch it off"))
        #expect(text.hasSuffix("\n\nPlan: 1 to be mended by hand; nothing is deleted.\n"))
        #expect(TablePlanReport(plan, outcomes: []).text().hasSuffix("is to be mended by hand.\n"))
        #expect(try state(plan)?["state"]?.stringValue == "byHand")
    }

    @Test func expiryThatNobodyHasAskedForIsDrift() throws {
        let plan = try Parcels.plan(.present(Parcels.live { $0.timeToLive = .told("until") }))
        #expect(plan.entries[0].outlook == .byHand && TableVerification(plan: plan).driftCount == 1)
        #expect(
            plan.entries[0].differences.map(\.words) == [
                "items expire by until, and neither contract nor settings say so"
            ])
        #expect(try Parcels.plan(.present(Parcels.live { $0.timeToLive = .told("") })).entries[0].outlook == .unchanged)
    }

    @Test func whatApplyDoesBesidesIsCountedApart() throws {
        let live = Parcels.live {
            $0.timeToLive = .told("until")
            $0.isProtectedFromDeletion = false
        }
        let plan = try Parcels.plan(.present(live), settings: "time-to-live: expires")
        #expect(plan.entries[0].outlook == .change && plan.needsPeople && plan.hasSteps)
        #expect(
            TablePlanReport(plan).text().hasSuffix("\n\nPlan: 1 change, 1 to be mended by hand; nothing is deleted.\n"))
    }

    @Test func anIndexThatTheContractHasNotIsKeptAndNobodysTask() throws {
        let live = Parcels.live {
            $0.table.indexes.append(ContractIndex(name: "Old", partitionKey: KeyAttribute(name: "state")))
        }
        let plan = try Parcels.plan(.present(live))
        #expect(!plan.needsPeople && plan.entries[0].outlook == .unchanged)
        #expect(try Parcels.plan(.present(Parcels.live { $0.table.partitionKey.name = "id" })).needsPeople)
    }

    @Test(arguments: [AttributeType.BOOL, .S])
    func expiryByWhatIsNoNumberIsSaidAndNotSwitchedOn(_ type: AttributeType) throws {
        var table = Parcels.table
        table.entities[0].attributes.append(ContractAttribute(name: "expires", type: type))
        let words =
            "expires is \(type.rawValue) in the contract; items expire by an N with seconds since 1970 and by nothing else"
        for state in [TableState.missing, .present(Parcels.live())] {
            let plan = try Parcels.plan(state, settings: "time-to-live: expires", tables: [table])
            #expect(plan.needsPeople && !plan.entries[0].steps.contains(.expire(attribute: "expires")))
            #expect(plan.entries[0].leftToPeople.map(\.words) == [words])
            #expect(TablePlanReport(plan).text().contains("· \(words.prefix(40))"))
        }
        table.entities[0].attributes[table.entities[0].attributes.count - 1].type = .N
        let right = try Parcels.plan(.missing, settings: "time-to-live: expires", tables: [table])
        #expect(!right.needsPeople && right.entries[0].steps.contains(.expire(attribute: "expires")))
    }

    @Test func provisionedTableCostsWhatItHas() throws {
        let live = Parcels.live {
            $0.billing = .provisioned(Throughput(reads: 100, writes: 10))
            $0.indexThroughput = ["ByCity": Throughput(reads: 50, writes: 10)]
        }
        let plan = try Parcels.plan(.present(live))
        // 730 h × ((100 + 50) × $0.00013 + 20 × $0.00065), whatever the same load would cost on demand.
        #expect(abs((plan.entries[0].dollarsPerMonth ?? 0) - 23.725) < 0.001)
        #expect(try state(plan)?["dollarsPerMonth"]?.doubleValue == 23.73)
        #expect(try state(plan)?["billing"]?.stringValue == "provisioned")
        let onDemand = try Parcels.plan(.present(Parcels.live()))
        #expect(try state(onDemand)?["billing"]?.stringValue == "on-demand")
        #expect(try state(onDemand)?["dollarsPerMonth"]?.doubleValue == 68)
    }

    @Test func newIndexOfAProvisionedTableIsReckonedAsOne() throws {
        let live = Parcels.live {
            $0.billing = .provisioned(Throughput(reads: 100, writes: 10))
            $0.table.indexes = []
            $0.itemCount = 3_000_000
        }
        let plan = try Parcels.plan(.present(live))
        // The table's own units, until somebody says otherwise: 730 h × (100 × $0.00013 + 10 × $0.00065).
        #expect(TablePlanReport(plan).text().contains("ByCity costs $14.24 a month, without storage\n"))
        #expect(plan.entries[0].fillDollars == 0, "it fills out of the capacity that is paid for")
    }
}
