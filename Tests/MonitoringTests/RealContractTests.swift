import CloudWatch
import ContractEngine
import ContractModel
import Monitoring
import TestSupport
import Testing

/// Alarms and dashboard of a real contract with 48 access patterns, three tables and six indexes.
@Suite(.enabled(if: SharedFiles.folder != nil, "the shared contract is not here")) struct RealContractTests {
    private func demand() throws -> CapacityPlan {
        let folder = "\(SharedFiles.folder ?? "")/modernizer/artifacts/stage-02"
        return capacity(
            of: try ContractDocument.load(
                contractPath: "\(folder)/migrationContract.json",
                patternsPath: "\(folder)/access_patterns_with_rps.md", modelPath: "\(folder)/dynamodb_data_model.md"))
    }

    @Test func everyResourceAndServedPatternHasItsAlarms() throws {
        let demand = try demand()
        let alarms = try AlarmPlan.desired(capacity: demand, scope: scope, contract: "migrationContract.json")
        #expect(demand.resources.count == 9)
        #expect(alarms.count { $0.number == "1" } == 18)
        #expect(alarms.count { $0.number == "6a" } == 18)
        #expect(alarms.count { $0.number == "13" } == 18)
        let patterns = demand.patterns.count { !$0.charges.isEmpty || !$0.pattern.operations.isEmpty }
        #expect(patterns > 30)
        #expect(alarms.count { $0.number == "4" } == patterns)
        #expect(alarms.count { $0.number == "3" } == patterns * 3)
        #expect(alarms.count { $0.number == "page" && $0.severity == .page } == 3)
    }

    @Test func theDashboardKeepsToItsLimits() throws {
        #expect(throws: Never.self) {
            try Dashboard.render(capacity: demand(), scope: scope, region: "us-east-1")
        }
    }
}
