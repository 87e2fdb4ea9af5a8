import Foundation
import JSONBytes
import TestSupport
import Testing

/// `tidemark tables` and `contract capacity` as people and pipelines run them: what they print, and how they end.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct TablesCommandTests {
    private static let settings = """
        tags: {team: bikes}
        tables:
          Stations: {time-to-live: expires_at}
        """

    private static let contractWithoutRates = """
        {"tables": [{"table": "Bikes", "pk": "id", "attributes": [{"name": "id", "type": "S"}]}]}
        """

    @Test func tablesArePlannedMadeVerifiedAndLeftAlone() async throws {
        try await Stage.play { stage in
            let settings = ["--settings", try stage.folder.write(Self.settings, to: "tables.yaml")]
            let refused = try await stage.run(["tables", "plan"] + Example.documents + settings)
            #expect(
                refused.status == 2
                    && refused.errors.contains("tables.yaml:3:28: the time to live of Stations: no item"))
            let documents = try expiring(stage) + Example.documents.dropFirst()
            let plan = try await stage.run(["tables", "plan"] + documents + settings)
            #expect(plan.status == 1 && plan.output.contains("Plan: 3 to create; nothing is deleted."))
            #expect(plan.output.contains("Riders  to be created\n  + keys PK S, SK S\n  + index ByRide: ride_id S"))
            let drift = try await stage.run(["tables", "verify", Example.contract])
            #expect(drift.status == 1 && drift.output.contains("! the table does not exist"))
            let made = try await stage.run(["tables", "apply"] + documents + settings)
            #expect(made.status == 0 && made.output.hasSuffix("\n\nDone.\n"), "\(made.errors)\(made.output)")
            let again = try await stage.run(["tables", "apply"] + documents + settings)
            #expect(
                again.status == 0 && again.output.hasSuffix("Nothing to do: every table is as the contract says.\n"))
            let planned = try await stage.run(["tables", "plan"] + documents + settings)
            #expect(planned.status == 0)
            let verified = try await stage.run(
                ["tables", "verify"] + documents + settings + ["--sample", "20"])
            #expect(
                verified.status == 0 && verified.output.hasSuffix("No drift: the tables are as the contract says.\n"))
        }
    }

    /// The example's contract, whose stations may expire.
    private func expiring(_ stage: Stage) throws -> [String] {
        let text = try String(contentsOfFile: Example.contract, encoding: .utf8)
        let stations = "\"name\": \"docks_available\", \"type\": \"N\""
        let longer = text.replacing(
            "{ \(stations)", with: "{ \"name\": \"expires_at\", \"type\": \"N\" }, { \(stations)")
        try #require(longer != text)
        return [try stage.folder.write(longer, to: "expiring.json")]
    }

    @Test func itemsOfTheReplayFollowTheContractAndOthersAreDrift() async throws {
        try await Stage.play { stage in
            try await stage.prepareTables()
            let arguments = ["tables", "verify", Example.contract, "--sample", "60"]
            let right = try await stage.run(arguments)
            #expect(right.status == 0, "\(right.output)")
            // Another contract than the one that the items were made by.
            let text = try String(contentsOfFile: Example.contract, encoding: .utf8)
            let other = text.replacing(#/("bikes_available",\s+"type": )"N"/#) { "\($0.output.1)\"S\"" }
            try #require(other != text)
            let path = try stage.folder.write(other, to: "other.json")
            let wrong = try await stage.run(["tables", "verify", path, "--sample", "60"])
            #expect(wrong.status == 1 && wrong.output.contains("! bikes_available is N, the contract says S ("))
            let json = try await stage.run(["tables", "verify", path, "--sample", "60", "--format", "json"])
            let body = try JSONValue.parse(Array(json.output.utf8))
            #expect(json.status == 1 && (body["drift"]?.intValue ?? 0) > 0 && body["complete"]?.boolValue == true)
            #expect(!wrong.output.contains("st-021") && !json.output.contains("st-021"), "no key is shown")
        }
    }

    @Test func tableWithOtherKeysIsRefusedBeforeAnythingIsDone() async throws {
        try await Stage.play { stage in
            try await stage.expect(0, ["tables", "apply", Example.contract])
            let text = try String(contentsOfFile: Example.contract, encoding: .utf8)
            let other = text.replacing("\"bike_id\"", with: "\"bike_number\"")
            let path = try stage.folder.write(other, to: "other.json")
            let end = try await stage.run(["tables", "apply", path])
            #expect(end.status == 4, "\(end.errors)\(end.output)")
            #expect(end.output.contains("the table has the keys bike_id S instead of bike_number S"))
            #expect(end.output.contains("→ A table's keys cannot be changed."))
            #expect(
                end.errors.hasPrefix("tidemark: the table Bikes cannot be brought to the contract: nothing was done"))
        }
    }

    @Test func templateAsksAWSForNothing() async throws {
        try await Stage.play { stage in
            let before = try stage.proxy.seen("DynamoDB")
            let end = try await stage.run(["tables", "render"] + Example.documents)
            #expect(end.status == 0 && end.errors.isEmpty)
            let body = try JSONValue.parse(Array(end.output.utf8))
            #expect(body["Resources"]?.objectValue?.map(\.name) == ["Riders", "Stations", "Bikes"])
            #expect(try stage.proxy.seen("DynamoDB") == before)
        }
    }

    @Test(arguments: [
        (["--settings", "colour: blue"], 2, "tables.yaml:1:"),
        (["--settings", "billing: provisioned"], 2, "is to be provisioned, and no pattern has a rate"),
        (["--settings", "tables: {Planes: {billing: on-demand}}"], 2, "settings of Planes"),
        (["--assume", "items-a-query=3"], 2, "there is no assumption"),
        (["--assume", "items.Planes=3"], 2, "nothing in the documents is called"),
        (["--assume", "items-per-query"], 2, "no value"),
    ])
    func mistakesAreNamed(_ arguments: [String], _ status: Int32, _ words: String) async throws {
        try await Stage.play { stage in
            let path = try stage.folder.write(arguments[1], to: "tables.yaml")
            let contract = try stage.folder.write(Self.contractWithoutRates, to: "contract.json")
            let given = arguments[0] == "--settings" ? [arguments[0], path] : arguments
            let end = try await stage.run(["tables", "plan", contract] + given)
            #expect(end.status == status && end.errors.contains(words), "\(end.errors)")
            #expect(end.errors.hasPrefix("tidemark: ") || end.errors.hasPrefix("Error: "))
        }
    }

    @Test func capacityTakesAssumptionsAndAlarmsTakeTheSame() async throws {
        try await Stage.play { stage in
            let capacity = ["contract", "capacity"] + Example.documents + ["--format", "json"]
            func dollars(_ more: [String]) async throws -> Double {
                let output = try await stage.expect(0, capacity + more)
                let body = try JSONValue.parse(Array(output.utf8))
                #expect(body["version"]?.intValue == 1)
                return body["dollarsPerMonth"]?.doubleValue ?? 0
            }
            let plain = try await dollars([])
            #expect(try await dollars(["--assume", "items-per-call.AP15=500"]) > plain)
            #expect(abs(try await dollars(["--assume", "price-factor=2"]) - 2 * plain) < 0.001)
            let alarms = ["alarms", "plan"] + Example.documents + ["--format", "json"]
            let usual = try await stage.run(alarms).output
            #expect(try await stage.run(alarms + ["--assume", "items-per-call.AP15=500"]).output != usual)
            #expect(try await stage.run(alarms + ["--assume", "price-factor=2"]).output == usual)
        }
    }
}
