import AWSCore
import CloudWatch
import CurlTransport
import LoopbackAWS
import TestSupport
import Testing

/// Whom the loopback CloudWatch lets in, and what the client makes of it.
@Suite struct LoopbackSignatureTests {
    private static let known = ["AKIDEXAMPLE": KnownCredentials(secretAccessKey: "a-secret")]
    private static let datum = [#""Value":1"#]

    @Test func theRightSignatureIsTaken() async throws {
        let fixture = try LoopbackFixture()
        #expect(await fixture.refusal(datums: Self.datum) == nil)
        #expect(fixture.server.metrics.sum("Calls") == 1)
    }

    @Test func anotherSecretRegionOrServiceDoesNotMatch() async throws {
        var fixture = try LoopbackFixture()
        fixture.secret = "another-secret"
        #expect(await fixture.refusal(datums: Self.datum)?.code == "SignatureDoesNotMatch")
        fixture.secret = "a-secret"
        fixture.region = "eu-west-1"
        #expect(await fixture.refusal(datums: Self.datum)?.code == "SignatureDoesNotMatch")
        fixture.region = "us-east-1"
        fixture.service = "dynamodb"
        #expect(await fixture.refusal(datums: Self.datum)?.code == "SignatureDoesNotMatch")
        #expect(fixture.server.metrics.entries.isEmpty)
    }

    @Test func aBodyChangedOnTheWayDoesNotMatch() async throws {
        let fixture = try LoopbackFixture()
        var request = HTTPRequest(
            url: fixture.server.url,
            headers: [
                HTTPHeader(name: "Content-Type", value: "application/x-amz-json-1.0"),
                HTTPHeader(name: "X-Amz-Target", value: "GraniteServiceVersion20100801.PutMetricData"),
            ], body: Array("{}".utf8))
        SigV4Signer(service: "monitoring", region: "us-east-1").sign(
            &request, credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "a-secret"),
            at: fixture.clock.timestamp)
        #expect(try await fixture.transport.send(request).status == 400)
        #expect(fixture.server.observations.last?.refusal?.type == "MissingRequiredParameterException")
        request.body = Array("{ }".utf8)
        #expect(try await fixture.transport.send(request).status == 403)
        request.headers.removeAll { $0.name == "Authorization" }
        #expect(try await fixture.transport.send(request).status == 403)
        #expect(fixture.server.observations.last?.refusal?.type == "MissingAuthenticationToken")
    }

    @Test(arguments: RefusalDialect.allCases)
    func unknownAndExpiredKeysAreCredentialFailures(dialect: RefusalDialect) async throws {
        var fixture = try LoopbackFixture()
        fixture.server.speak(dialect)
        fixture.accessKeyID = "AKIDUNKNOWN"
        #expect(await fixture.refusal(datums: Self.datum)?.class == .credentials)
        fixture.accessKeyID = "ASIATEMPORARY"
        fixture.token = "a-token"
        let end = fixture.clock.timestamp.advanced(by: .seconds(60))
        fixture.server.know([
            "ASIATEMPORARY": KnownCredentials(
                secretAccessKey: "a-secret", sessionToken: "a-token", expiration: end)
        ])
        let early = await fixture.refusal(datums: Self.datum)
        #expect(early == nil, "\(early?.description ?? "")")
        fixture.clock.advance(by: .seconds(60))
        let expired = await fixture.refusal(datums: Self.datum)
        #expect(expired?.class == .credentials && expired?.message.contains("expired") == true)
        fixture.token = "another-token"
        #expect(await fixture.refusal(datums: Self.datum)?.class == .credentials)
    }

    @Test(arguments: RefusalDialect.allCases, [Duration.seconds(-720), .seconds(-301), .seconds(301), .seconds(720)])
    func aClockThatIsOffIsRefusedOnceAndCorrected(dialect: RefusalDialect, lead: Duration) async throws {
        var fixture = try LoopbackFixture()
        fixture.server.speak(dialect)
        fixture.lead = lead
        #expect(await fixture.refusal(datums: Self.datum) == nil)
        let observations = fixture.server.observations
        try #require(observations.count == 2)
        #expect(observations[0].refusal?.message.hasPrefix("Signature ") == true)
        #expect(observations[1].counted == 1)
    }

    @Test func fiveMinutesOfLeadAreTaken() async throws {
        var fixture = try LoopbackFixture()
        fixture.lead = .seconds(300)
        #expect(await fixture.refusal(datums: Self.datum) == nil)
        #expect(fixture.server.observations.count == 1)
    }

    @Test(arguments: [CloudWatchFault.portalPage, .redirect, .forbiddenPage])
    func aPageIsNoAcknowledgementAndNamesTheEndpoint(fault: CloudWatchFault) async throws {
        let fixture = try LoopbackFixture()
        fixture.server.fail(next: [fault])
        let client = CloudWatchClient(caller: fixture.caller())
        var encoder = PutMetricDataEncoder(namespace: "Tidemark")
        #expect(try encoder.append(counter(at: fixture.clock.timestamp)))
        let body = encoder.body()
        let failure = await #expect(throws: AWSFailure.self) { try await client.putMetricData(encodedBody: body) }
        #expect(failure?.class == .malformedResponse)
        #expect(failure?.message.contains("endpoint") == true && failure?.status != nil)
        #expect(try await client.putMetricData(encodedBody: body).requestID != nil)
        #expect(fixture.server.metrics.sum("Calls") == 3)
    }
}
