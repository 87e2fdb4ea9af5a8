import AWSCore
import ContractEngine
import ContractModel
import CurlTransport
import Foundation
import GeneratedRepositories
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// The articles' snippets do what the articles say, as far as that takes no server.
struct DocumentationTests {
    private static let station = #""station_id":{"S":"st-021"},"bikes_available":{"N":"12"}"#

    /// Two pages of one ride each, then nothing more.
    private static func ridesOnTwoPages(_ request: HTTPRequest, _ number: Int) -> HTTPResponse {
        let last = number == 1 ? #","LastEvaluatedKey":{"rider_id":{"S":"u-1"},"started":{"S":"a"}}"# : ""
        return answer(#"{"Items":[{"minutes":{"N":"\#(number * 10)"}}],"Count":1,"ScannedCount":1\#(last)}"#)
    }

    @Test func gettingStartedReadsWhatItWrote() async throws {
        let harness = try Harness { _, number in number == 2 ? answer(#"{"Item":{\#(Self.station)}}"#) : answer("{}") }
        #expect(try await GettingStartedSnippets.readAndWrite(harness.client) == 12)
        #expect(try await GettingStartedSnippets.options(harness.client, requestID: "r").item == nil)
        #expect(try harness.body(2)["ConsistentRead"]?.boolValue == true)
        #expect(try await takeBike(from: "st-021", harness.client))
    }

    @Test func aConditionThatDoesNotHoldIsAnAnswer() async throws {
        let harness = try Harness { _, _ in refusal("ConditionalCheckFailedException") }
        #expect(try await takeBike(from: "st-021", harness.client) == false)
    }

    @Test func errorsAndRetriesAreAsTheArticleSays() async throws {
        let lost = TransportError(code: .connectionReset, message: "reset", sent: .all)
        let harness = try Harness { _, number throws(TransportError) in
            switch number {
            case 1: return answer("{}")
            case 2, 3: throw lost
            case 4: return refusal("ConditionalCheckFailedException")
            default: return answer(#"{"Item":{\#(Self.station)}}"#)
            }
        }
        #expect(try await ErrorSnippets.handle(harness.client) { _ in } == nil)
        #expect(try await ErrorSnippets.lostAnswer(harness.client) == false)
        let error = await #expect(throws: TidemarkError.self) {
            try await ErrorSnippets.guarded(harness.client, version: 7)
        }
        #expect(error?.code == .conditionFailed && error?.mayHaveBeenApplied == true)
        #expect(try await ErrorSnippets.report(harness.client) == "1 attempts, 0.0 seconds, request R1")
        let tuned = try Harness(configure: ErrorSnippets.settings) { _, _ in answer("{}") }
        try await ErrorSnippets.guarded(tuned.client, version: 7)
    }

    @Test func aTableIsWaitedFor() async throws {
        let harness = try Harness { _, number in
            let state = number < 3 ? "CREATING" : "ACTIVE"
            let description = #"{"TableName":"Stations","TableStatus":"\#(state)"}"#
            return answer(#"{"\#(number == 1 ? "TableDescription" : "Table")":\#(description)}"#)
        }
        try await GettingStartedSnippets.makeTable(harness.client)
        #expect(harness.transport.requests.count == 3)
    }

    @Test func expressionsBecomeWhatTheArticleSays() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        try await ExpressionSnippets.update(harness.client)
        let body = try harness.body()
        #expect(body["UpdateExpression"]?.stringValue == "SET #0 = #0 - :0 REMOVE #1")
        #expect(body["ConditionExpression"]?.stringValue == "#0 > :1 AND #2 = :2")
        #expect(body["ExpressionAttributeNames"]?["#2"]?.stringValue == "status")
        _ = try await ExpressionSnippets.query(harness.client, rider: "u-1")
        #expect(try harness.body(1)["FilterExpression"]?.stringValue?.isEmpty == false)
        for condition in ExpressionSnippets.paths() + ExpressionSnippets.conditions() + [ExpressionSnippets.text()] {
            _ = try await harness.client.scan(table: "Stations", filter: condition)
        }
        try await harness.client.updateItem(
            table: "Stations", key: ["station_id": "st-021"], update: ExpressionSnippets.updates())
    }

    @Test func aContradictionIsRefusedBeforeAnythingIsSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        #expect(await ExpressionSnippets.refused(harness.client)?.code == .validation)
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func valuesBecomeItemsAndComeBack() async throws {
        let item = #"{"station_id":{"S":"st-021"},"status":{"S":"open"},"bikes":{"N":"12"},"tags":{"SS":["indoor"]}}"#
        let harness = try Harness { _, number in
            switch number {
            case 1: answer("{}")
            case 2: answer(#"{"Item":\#(item)}"#)
            default: answer(#"{"Items":[\#(item)],"Count":1,"ScannedCount":1}"#)
            }
        }
        let (station, page) = try await CodableSnippets.calls(harness.client)
        let stored = try harness.body()["Item"]
        #expect(stored?["station_id"]?["S"]?.stringValue == "st-021")
        #expect(stored?["tags"]?["SS"]?.arrayValue?.count == 1)
        #expect(stored?["note"] == nil)
        #expect(station?.bikes == 12)
        #expect(page.items.first?.tags == ["indoor"])
        #expect(try await CodableSnippets.coder(harness.client).count == 1)
    }

    @Test func ownTypesAndDatesHaveTheFormsThatTheArticleNames() async throws {
        #expect(CodableSnippets.cheap().values.values.contains(500))
        let start = Date(timeIntervalSince1970: 1_795_500_000.25)
        let item = try CodableSnippets.dates(
            CodableSnippets.Session(id: "s", started: start, paid: 1.25, expires: start))
        #expect(item["started"] == "2026-11-24T06:00:00.250Z")
        #expect(item["expires"] == 1_795_500_000)
        #expect(item["paid"] == .number("1.25"))
    }

    @Test func pagesAreReadToTheEnd() async throws {
        let pages = try Harness { request, number in Self.ridesOnTwoPages(request, number) }
        #expect(try await PagingSnippets.pages(pages.client, rider: "u-1") == 2)
        let items = try Harness { request, number in Self.ridesOnTwoPages(request, number) }
        #expect(try await PagingSnippets.items(items.client, rider: "u-1") == ["minutes": 20])
        let segments = try Harness { _, _ in answer(#"{"Count":3,"ScannedCount":3}"#) }
        #expect(try await PagingSnippets.parallelScan(segments.client) == 24)
        let statement = try Harness { _, number in
            answer(#"{"Items":[{"minutes":{"N":"5"}}]\#(number == 1 ? #","NextToken":"t""# : "")}"#)
        }
        #expect(try await PagingSnippets.statement(statement.client, rider: "u-1").count == 2)
    }

    @Test func aPagesEndIsTheNextOnesStart() async throws {
        let harness = try Harness { request, number in Self.ridesOnTwoPages(request, number) }
        let first = try await rides(of: "u-1", after: nil, harness.client)
        let second = try await rides(of: "u-1", after: first.next, harness.client)
        #expect(second.next == nil)
        #expect(try harness.body(1)["ExclusiveStartKey"]?["started"]?["S"]?.stringValue == "a")
    }

    @Test func aTransactionsReasonsComeWithItsError() async throws {
        let harness = try Harness { _, number in
            switch number {
            case 1: answer(#"{"Responses":{"Stations":[{\#(Self.station)}]}}"#)
            case 2: answer(#"{"UnprocessedItems":{}}"#)
            case 3: answer(#"{"Responses":[{"Item":{\#(Self.station)}},{}]}"#)
            default:
                refusal(
                    "TransactionCanceledException",
                    more: #","CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"None"},{"Code":"None"}]"#
                )
            }
        }
        #expect(try await BatchSnippets.batchGet(harness.client, ids: ["st-021"]).count == 1)
        try await BatchSnippets.batchWrite(harness.client, rides: [["ride_id": "r-8"]])
        #expect(try await BatchSnippets.moment(harness.client).map { $0 == nil } == [false, true])
        let error = await #expect(throws: TidemarkError.self) {
            try await BatchSnippets.transaction(harness.client, orderID: "o-1")
        }
        #expect(error?.code == .conditionFailed)
        #expect(try harness.body(3)["ClientRequestToken"]?.stringValue == "o-1")
    }

    @Test func repositoriesDoWhatTheArticleSays() async throws {
        let ride =
            #"{"PK":{"S":"RIDER#r-1"},"ride_id":{"S":"1"},"rider_id":{"S":"r-1"},"bike_id":{"S":"b"},"#
            + #""start_station_id":{"S":"s"},"started_at":{"S":"t"}}"#
        let harness = try Harness { request, _ in
            request.headers.contains { $0.value.hasSuffix(".GetItem") }
                ? answer(#"{"Item":\#(ride)}"#) : answer(#"{"Items":[\#(ride)],"Count":1,"ScannedCount":1}"#)
        }
        try await RepositorySnippets.generated(harness.client)
        #expect(try harness.body()["TransactItems"]?[0]?["Put"]?["Item"]?["open_bike_id"]?["S"]?.stringValue == "b-7")
        #expect(try await RideRepository(client: harness.client).isOpen(riderID: "r-1", rideID: "1"))
        try await RepositorySnippets.updates(harness.client, rideID: "1")
        let update = try harness.body(3)["TransactItems"]?[0]?["Update"]
        #expect(update?["UpdateExpression"]?.stringValue == "SET #0 = :0, #1 = :1 REMOVE #2")
        let contract = try ContractDocument.load(
            contractPath: "\(SharedFiles.packageRoot)/Examples/migrationContract.json"
        ).contract
        #expect(try await RepositorySnippets.byHand(harness.client, contract) != nil)
        #expect(try harness.body(4)["Item"]?["PK"]?["S"]?.stringValue == "RIDER#r-1")
        let bikes = try #require(contract.table(named: "Bikes"))
        let (item, restored) = try RepositorySnippets.rows(
            Self.short(bikes.entities[0]).table, Self.short(bikes.entities[0]).entity)
        #expect(item == ["bike_id": "b-7", "model_name": "Cargo", "odometer_m": 120_500])
        #expect(restored.row["odometer_m"] == .integer(120_500) && restored.joined["models"]?["name"] == .text("Cargo"))
    }

    /// The kind of item with the attributes that the article's row has.
    private static func short(_ entity: ContractEntity) -> (table: ContractTable, entity: ContractEntity) {
        var entity = entity
        entity.attributes = entity.attributes.filter {
            ["bike_id", "model_name", "station_id", "odometer_m"].contains($0.name)
        }
        let key = KeyAttribute(name: "bike_id")
        return (ContractTable(name: "Bikes", sourceTable: "bikes", partitionKey: key, entities: [entity]), entity)
    }

    @Test func tasksOnTheExecutorRead() async throws {
        let harness = try Harness { _, _ in answer(#"{"Item":{\#(Self.station)}}"#) }
        #expect(try await PerformanceSnippets.onTheLoop(harness.client, ids: ["a", "b"]).count == 2)
        #expect(try await PerformanceSnippets.oneCall(harness.client).item != nil)
        let query = try Harness { _, _ in answer(#"{"Items":[{}],"Count":1,"ScannedCount":1}"#) }
        #expect(try await PerformanceSnippets.offTheLoop(query.client) { "\($0.count) rides" } == "1 rides")
    }

    @Test func theConfigurationIsOneThatWorks() throws {
        let configuration = try PerformanceSnippets.configured([
            "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        ])
        #expect(configuration.transport.maximumConnections == 128)
        #expect(configuration.callTimeout == .seconds(4))
    }
}
