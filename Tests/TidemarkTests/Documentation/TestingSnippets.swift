import AWSCore
import Foundation
import Telemetry
import Testing
import Tidemark

// What TestingYourRepository.md shows. `import` lines of an article's block have to stand above.

// snippet: repository
struct StationRepository: Sendable {
    let client: DynamoDBClient

    func bikes(at station: String) async throws(TidemarkError) -> Int? {
        try await client.getItem(
            table: "Stations", key: ["station_id": .string(station)], options: .pattern("AP12")
        ).item?["bikes_available"]?.intValue
    }

    /// False where there is no bike to take.
    func takeBike(from station: String) async throws(TidemarkError) -> Bool {
        do {
            try await client.updateItem(
                table: "Stations", key: ["station_id": .string(station)], update: [.add(-1, to: "bikes_available")],
                condition: "bikes_available" > 0, options: .pattern("AP13"))
            return true
        } catch {
            guard error.code == .conditionFailed else { throw error }
            return false
        }
    }
}
// snippet-end

// snippet: stub
/// Gives its answers one after the other, and keeps what it was sent.
actor StubDynamoDB: Transport {
    private var answers: [HTTPResponse]
    private(set) var requests: [HTTPRequest] = []

    init(_ answers: HTTPResponse...) { self.answers = answers }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.append(request)
        guard !answers.isEmpty else {
            throw TransportError(code: .other, message: "the script has no answer for request \(requests.count)")
        }
        return answers.removeFirst()
    }
}

extension HTTPResponse {
    static func ok(_ json: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(json.utf8)) }

    static func refused(_ code: String) -> HTTPResponse {
        let json = #"{"__type": "com.amazonaws.dynamodb.v20120810#\#(code)", "message": "by the script"}"#
        return HTTPResponse(status: 400, body: Array(json.utf8))
    }
}
// snippet-end

// snippet: client
extension DynamoDBClient {
    /// A client that asks the stub, records nothing and makes no pause before it repeats.
    static func over(_ stub: StubDynamoDB) throws -> DynamoDBClient {
        let configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: "http://stub.invalid/", region: "eu-central-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "test", secretAccessKey: "test")),
            service: "bikes", environment: "test")
        var recording = TelemetryWriter.Configuration(service: "bikes", environment: "test")
        recording.isEnabled = false
        return DynamoDBClient(
            configuration: configuration, transport: stub, telemetry: TelemetryWriter.open(recording),
            hooks: CallHooks(sleep: { _ in }, random: { 0 }))
    }
}
// snippet-end

// snippet: tests
struct StationRepositoryTests {
    @Test func bikesAreRead() async throws {
        let stub = StubDynamoDB(.ok(#"{"Item": {"bikes_available": {"N": "12"}}}"#))
        let stations = StationRepository(client: try .over(stub))
        #expect(try await stations.bikes(at: "st-021") == 12)
    }

    @Test func anEmptyStationGivesNoBike() async throws {
        let stub = StubDynamoDB(.refused("ConditionalCheckFailedException"))
        let stations = StationRepository(client: try .over(stub))
        #expect(try await stations.takeBike(from: "st-021") == false)
    }

    @Test func aThrottledReadIsRepeated() async throws {
        let stub = StubDynamoDB(.refused("ThrottlingException"), .ok("{}"))
        let stations = StationRepository(client: try .over(stub))
        #expect(try await stations.bikes(at: "st-021") == nil)
        #expect(await stub.requests.count == 2)
    }
}
// snippet-end

// snippet: request
struct SentRequest: Decodable {
    enum CodingKeys: String, CodingKey {
        case table = "TableName"
        case key = "Key"
        case condition = "ConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
    }

    var table: String
    var key: Item
    var condition: String?
    var names: [String: String]?
    var values: Item?
}

struct StationRequestTests {
    @Test func aBikeIsTakenOnlyWhereThereIsOne() async throws {
        let stub = StubDynamoDB(.ok("{}"))
        _ = try await StationRepository(client: .over(stub)).takeBike(from: "st-021")
        let request = try #require(await stub.requests.first)
        #expect(request.header("X-Amz-Target") == "DynamoDB_20120810.UpdateItem")
        let sent = try JSONDecoder().decode(SentRequest.self, from: Data(request.body))
        #expect(sent.table == "Stations")
        #expect(sent.key == ["station_id": "st-021"])
        #expect(sent.condition != nil)
        #expect(sent.names?.values.contains("bikes_available") == true)
        #expect(sent.values?.values.contains(0) == true)
    }
}
// snippet-end
