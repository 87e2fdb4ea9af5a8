import ContractEngine
import ContractModel
import TableProvisioning
import TestSupport
import Testing
import Tidemark

struct DeploymentSettingsTests {
    @Test func everyMistakeIsNamedWithItsLine() throws {
        let text = """
            billing: sometimes
            deletion-protection: 3
            colour: blue
            tags: {aws:mine: x}
            tables:
              Parcels:
                read-units: -1
                time-to-live: ""
            """
        let error = #expect(throws: ContractError.self) { try Parcels.settings(text) }
        #expect(error?.problems.map(\.line) == [1, 2, 3, 4, 7, 8])
        #expect(error?.problems[2].text.contains("there is no setting colour; there are billing, read-units") == true)
    }

    @Test(arguments: [
        "{billing: provisioned, read-units: 5}", "{read-units: 5, write-units: 5}",
        "{billing: on-demand, read-units: 5, write-units: 5}", "{tables: {T: {write-units: 5}}}",
    ])
    func unitsGoTogetherAndWithTheirBilling(_ text: String) {
        let error = #expect(throws: ContractError.self) { try Parcels.settings(text) }
        #expect(error?.message.contains("go together, and with billing: provisioned") == true)
    }

    @Test func unitsOfOneTableMayRestOnTheBillingOfAll() throws {
        let settings = try Parcels.settings("{billing: provisioned, tables: {T: {read-units: 5, write-units: 6}}}")
        #expect(settings.values(of: Parcels.named("T")).billing == .provisioned(Throughput(reads: 5, writes: 6)))
        #expect(settings.values(of: Parcels.named("U")).billing == .provisioned(nil))
    }

    @Test func contractsOwnSettingsLieBeneathTheFile() throws {
        var table = Parcels.table
        table.settings.billingMode = .provisioned
        table.settings.timeToLiveAttribute = "expires"
        table.settings.tags = ["team": "post", "tier": "a"]
        let settings = try Parcels.settings("{tags: {tier: b}, tables: {Parcels: {time-to-live: until}}}")
        let values = settings.values(of: table)
        #expect(values.billing == .provisioned(nil) && values.timeToLive == "until")
        #expect(values.tags == ["team": "post", "tier": "b"])
    }

    @Test func everySettingAndAssumptionIsDocumented() throws {
        let tables = try String(decoding: PackageFile.bytes("docs/TABLES.md"), as: UTF8.self)
        for word in DeploymentSettings.words {
            let names = word.name.split(separator: ", ").map { "`\($0)`" }.joined(separator: ", ")
            #expect(tables.contains("| \(names) |"), "\(word.name)")
        }
        let capacity = try String(decoding: PackageFile.bytes("docs/CAPACITY.md"), as: UTF8.self)
        for word in CapacityAssumptions.words { #expect(capacity.contains("| `\(word.name)`"), "\(word.name)") }
    }

    @Test func jsonIsReadToo() throws {
        let source = SourceText(name: "t.json", text: #"{"point-in-time-recovery": false, "tags": {"a.b": "c"}}"#)
        let values = try DeploymentSettings.read(source).values(of: Parcels.named("T"))
        #expect(values.isRecoverable == false && values.tags == ["a.b": "c"])
    }

    @Test func settingsOfATableThatTheContractHasNotAreToldWithTheirLine() throws {
        let settings = try Parcels.settings("billing: on-demand\ntables:\n  Nope: {billing: provisioned}\n")
        let error = #expect(throws: ContractError.self) { try settings.check(against: Parcels.document()) }
        #expect(
            error?.message
                == "tables.yaml:3:19: there are settings of Nope, which the contract does not have; correct the name")
    }

    @Test(arguments: [
        (
            "time-to-live: nope",
            "tables.yaml:1:15: the time to live of Parcels: no item of Parcels has the attribute nope"
        ),
        ("tables: {Parcels: {time-to-live: city}}", "tables.yaml:1:34: the time to live of Parcels: city is S"),
    ])
    func anAttributeByWhichNoItemWouldExpireIsRefused(text: String, message: String) throws {
        let settings = try Parcels.settings(text)
        let error = #expect(throws: ContractError.self) { try settings.check(against: Parcels.document()) }
        #expect(error?.message.hasPrefix(message) == true)
        try Parcels.settings("time-to-live: weight").check(against: Parcels.document())
        // A contract without attributes says nothing of them.
        var bare = Parcels.table
        bare.entities[0].attributes = []
        try Parcels.settings("time-to-live: nope").check(against: Parcels.document([bare]))
    }

    @Test func theContractsOwnTimeToLiveIsHeldAgainstItsAttributesToo() {
        var table = Parcels.table
        table.settings.timeToLiveAttribute = "gone"
        let error = #expect(throws: ContractError.self) {
            try DeploymentSettings().check(against: Parcels.document([table]))
        }
        #expect(error?.message.hasPrefix("contract: the time to live of Parcels: no item of Parcels has") == true)
    }
}
