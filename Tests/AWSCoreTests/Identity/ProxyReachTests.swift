import AWSCore
import CurlTransport
import LoopbackAWS
import TestSupport
import Testing

/// Who is asked for credentials over a proxy: services of AWS where the configuration follows proxies at all, and never the
/// container or the instance.
@Suite struct ProxyReachTests {
    private struct Unreachable: Transport {
        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            throw TransportError(code: .certificate, message: "nobody is asked")
        }
    }

    /// Where the requests of this set-up would go.
    private func reaches(
        _ variables: [String: String], _ text: String = "", usesProxy: Bool
    ) async throws -> Set<CredentialTools.Reach> {
        var setUp = try IdentitySetUp()
        try setUp.configure(text)
        try setUp.keep("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n")
        // SHA-1 of "corp"; renewed first, and then used.
        try setUp.home.write(
            #"{"accessToken":"t","expiresAt":"2026-11-23T12:14:59Z","clientId":"c","clientSecret":"s","registrationExpiresAt":"2027-01-01T00:00:00Z","refreshToken":"r"}"#,
            to: ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json")
        setUp.variables.merge(variables) { $1 }
        let seen = Lock<Set<CredentialTools.Reach>>([])
        var tools = CredentialTools(hooks: CallHooks(sleep: { _ in })) { reach in
            seen.withLock { _ = $0.insert(reach) }
            return Unreachable()
        }
        tools.usesProxy = usesProxy
        let chain = CredentialChain.default(environment: setUp.variables, tools: tools)
        _ = try? await chain.credentials(now: setUp.now)
        return seen.withLock { $0 }
    }

    private static let role = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
    private static let center = """
        [default]
        sso_session = corp
        sso_account_id = 123456789012
        sso_role_name = reader
        [sso-session corp]
        sso_start_url = https://corp.awsapps.com/start
        sso_region = us-east-1
        """

    @Test(arguments: [role, center], [true, false])
    func servicesAreReachedOverAProxyUnlessTheConfigurationSaysNo(_ text: String, _ usesProxy: Bool) async throws {
        let expected: CredentialTools.Reach = usesProxy ? .service : .serviceWithoutProxy
        #expect(try await reaches([:], text, usesProxy: usesProxy) == [expected])
    }

    @Test(
        arguments: [
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/x"],
            ["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/"],
        ], [true, false])
    func containerAndInstanceNeverAre(_ variables: [String: String], _ usesProxy: Bool) async throws {
        #expect(try await reaches(variables, usesProxy: usesProxy) == [.host])
    }

    @Test func onlyAServiceInReachOfAProxyHasConnectionsOverOne() {
        let ways = [CredentialTools.Reach.host, .service, .serviceWithoutProxy].map {
            $0.configuration(certificateAuthorityFile: "/ca.pem")
        }
        #expect(ways.map(\.usesProxyFromEnvironment) == [false, true, false])
        #expect(ways.allSatisfy { $0.certificateAuthorityFile == "/ca.pem" })
    }
}
