import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import Telemetry
import TestSupport
import Testing

/// A wire that answers as told and keeps what was sent.
private actor ScriptedTransport: Transport {
    enum Answer: Sendable {
        case response(status: Int, body: String)
        case failure(TransportError)
    }

    private var answers: [Answer]
    private(set) var requests: [HTTPRequest] = []

    init(_ answers: [Answer]) { self.answers = answers }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        requests.append(request)
        switch answers.isEmpty ? .response(status: 200, body: "{}") : answers.removeFirst() {
        case .response(let status, let body): return HTTPResponse(status: status, body: Array(body.utf8))
        case .failure(let error): throw error
        }
    }
}

/// The agent on a real CloudWatch client, down to the bytes on the wire.
@Suite struct CloudWatchSinkTests {
    private func run(_ answers: [ScriptedTransport.Answer]) async throws -> (Ledger, [HTTPRequest]) {
        let fixture = try AgentFixture()
        let transport = ScriptedTransport(answers)
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "monitoring", region: "us-east-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKID", secretAccessKey: "secret")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:1", region: "us-east-1"))
        let agent = try Agent(
            configuration: fixture.configuration, cloudWatch: CloudWatchClient(caller: caller),
            clock: fixture.agentClock)
        let service = fixture.service()
        service.call(times: 3)
        await fixture.pass(1, agent)
        withExtendedLifetime(service) {}
        return (try fixture.store().ledger(), await transport.requests)
    }

    @Test func aBatchIsOneCompressedRequest() async throws {
        let (ledger, requests) = try await run([])
        #expect(ledger.calls.acknowledged == 3)
        #expect(requests.count == 1)
        let request = try #require(requests.first)
        #expect(request.headers.contains { $0.name.lowercased() == "content-encoding" && $0.value == "gzip" })
        #expect(request.headers.contains { $0.value == "GraniteServiceVersion20100801.PutMetricData" })
        #expect(Array(request.body.prefix(2)) == [0x1F, 0x8B])
    }

    @Test func aLostAnswerIsNotRepeatedUnseen() async throws {
        let lost = TransportError(
            code: .connectionReset, message: "the connection was reset", sent: .all)
        let (ledger, requests) = try await run([.failure(lost)])
        #expect(requests.count == 1)
        #expect(ledger.calls.ambiguous == 3)
        #expect(ledger.calls.mayHaveCounted == 3)
        #expect(ledger.isBalanced)
    }

    @Test func aRequestThatDidNotLeaveOrNotWhollyIsPending() async throws {
        for lost in [
            TransportError(code: .connect, message: "connection refused"),
            TransportError(code: .connectionReset, message: "the connection was reset", sent: .part),
        ] {
            let (ledger, _) = try await run([.failure(lost)])
            #expect(ledger.calls.pending == 3)
            #expect(ledger.calls.mayHaveCounted == 0)
        }
    }

    @Test func aServerFailureIsPendingAndMayHaveCounted() async throws {
        let (ledger, _) = try await run([.response(status: 500, body: #"{"__type":"InternalServiceFault"}"#)])
        #expect(ledger.calls.pending == 3)
        #expect(ledger.calls.mayHaveCounted == 3)
    }

    @Test func aThrottleIsPending() async throws {
        let (ledger, _) = try await run([
            .response(status: 400, body: #"{"__type":"Throttling","message":"Rate exceeded"}"#)
        ])
        #expect(ledger.calls.pending == 3)
        #expect(ledger.calls.mayHaveCounted == 0)
    }

    @Test func aRefusalIsHalvedUntilTheDatumIsFound() async throws {
        let refusal = ScriptedTransport.Answer.response(
            status: 400, body: #"{"__type":"InvalidParameterValue","message":"no"}"#)
        let (ledger, requests) = try await run([refusal, refusal, refusal, refusal])
        #expect(requests.count > 4)
        #expect(ledger.datums.dropped.values.reduce(0, +) >= 1)
        #expect(ledger.isBalanced)
    }
}
