import AWSCore
import CurlTransport
import TestSupport
import Testing

/// Whatever a person prints, no secret is in it.
@Suite struct RedactionTests {
    private static let planted = ["planted-secret", "planted-session", "planted-authorization", "planted-sso"]

    private func texts(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), dumped]
    }

    private func leaks(_ value: Any) -> [String] {
        texts(value).flatMap { text in Self.planted.filter { text.contains($0) } }
    }

    @Test func theSearchFindsAPlantedLeak() {
        #expect(!leaks(["AWS_SECRET_ACCESS_KEY": "planted-secret"]).isEmpty)
    }

    @Test func noProviderShowsWhatItHolds() async throws {
        let home = try TemporaryDirectory()
        try home.write("[p]\naws_access_key_id=A\naws_secret_access_key=planted-secret\n", to: ".aws/credentials")
        var variables = [
            "HOME": home.path, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "planted-secret",
            "AWS_SESSION_TOKEN": "planted-session", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "planted-authorization",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/planted-authorization", "AWS_REGION": "us-east-1",
        ]
        let chain = CredentialChain.default(environment: variables)
        #expect(leaks(chain).isEmpty)
        #expect(leaks(try chain.origin()).isEmpty)
        #expect(leaks(EnvironmentCredentials(environment: variables)).isEmpty)
        variables["AWS_ACCESS_KEY_ID"] = nil
        variables["AWS_SECRET_ACCESS_KEY"] = nil
        let container = CredentialChain.default(environment: variables)
        #expect(leaks(container).isEmpty)
        #expect(leaks(try container.origin()).isEmpty)
        let profile = CredentialChain.default(environment: variables, profile: "p")
        let held = try await profile.credentials(now: Timestamp(secondsSince1970: 0))
        #expect(held.secretAccessKey == "planted-secret")
        for value: Any in [profile, held, StaticCredentials(held), FetchedCredentials(held)] as [Any] {
            #expect(leaks(value).isEmpty)
        }
        let caller = AWSCaller(
            transport: try CurlTransport(), signer: SigV4Signer(service: "dynamodb", region: "us-east-1"),
            credentials: profile, endpoint: AWSEndpoint(url: "https://x/", region: "us-east-1"))
        #expect(leaks(caller).isEmpty)
    }
}
