import AWSCore
import LoopbackAWS
import TestSupport
import Testing

/// Whether asking again may help, where a source gave no credentials; and what a profile says in vain.
@Suite struct SourceTroubleTests {
    private static let arn = "arn:aws:iam::123456789012:role/reader"

    private func isPassing(_ setUp: IdentitySetUp) async -> Bool? {
        do throws(AWSConfigurationError) {
            _ = try await setUp.chain.credentials(now: setUp.now)
            return nil
        } catch {
            return error.isPassing
        }
    }

    private func role(at url: String) throws -> IdentitySetUp {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_ENDPOINT_URL_STS"] = url
        try setUp.keep("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n")
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        return setUp
    }

    @Test func anSTSThatCannotBeReachedOrFailsIsWorthAnotherTry() async throws {
        let refusing = try RefusingPort()
        #expect(await isPassing(try role(at: "http://127.0.0.1:\(refusing.port)")) == true)
        for answer in [
            LoopbackAnswer(status: 503), LoopbackAnswer(status: 429), .error(400, type: "ThrottlingException"),
            .failing(.reset),
        ] {
            let server = try LoopbackServer(answers: [answer])
            #expect(await isPassing(try role(at: server.url)) == true, "\(answer)")
            #expect(server.requests.count == 3)
        }
    }

    @Test func anAnswerThatIsTooLargeIsSomebodyElses() async throws {
        let server = try LoopbackServer(answers: [.ok(String(repeating: "x", count: 2 << 20))])
        let setUp = try role(at: server.url)
        let said = await setUp.outcome()
        #expect(said.contains("gives no answer that can be taken"), "\(said)")
        #expect(said.hasSuffix("check that nothing else answers in its place"))
        #expect(server.requests.count == 1)
        #expect(await isPassing(setUp) == false)
    }

    @Test func aRefusalAndAWrongSetUpAreNot() async throws {
        let server = try LoopbackServer(answers: [.error(403, type: "AccessDenied")])
        let refused = try role(at: server.url)
        #expect(await isPassing(refused) == false)
        try refused.configure("[default]\nrole_arn = reader\nsource_profile = base\n")
        #expect(await isPassing(refused) == false)
        #expect(await isPassing(try IdentitySetUp()) == false)
    }

    /// Nobody has said that this is an instance at all; an answer says so.
    @Test func theInstancesServiceIsOnlyInTroubleWhereItIsThere() async throws {
        let refusing = try RefusingPort()
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_EC2_METADATA_DISABLED"] = nil
        setUp.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:\(refusing.port)"
        #expect(await isPassing(setUp) == false)
        let failing = try LoopbackServer(answers: [LoopbackAnswer(status: 500)])
        setUp.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = failing.url
        #expect(await isPassing(setUp) == true)
        // The container's agent is there since a variable says so.
        setUp.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:\(refusing.port)/x"
        #expect(await isPassing(setUp) == true)
    }

    // MARK: Logins that are passed over

    struct PassedOver: Sendable {
        var profile: String
        var cause: String
        var fix: String
    }

    static let passedOver = [
        PassedOver(
            profile: "region = eu-west-1\nlogin_session = arn:aws:iam::123456789012:user/anna\n",
            cause: "/config:3) is the sign-in of aws login, which is not read",
            fix: "credential_process = aws configure export-credentials --profile work --format process"),
        PassedOver(
            profile: "sso_session = corp\n",
            cause: "/config:2) is of IAM Identity Center, but sso_account_id and sso_role_name are missing",
            fix: "run aws configure sso --profile work"),
        PassedOver(
            profile: "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n",
            cause: "sso_start_url of profile \"work\"", fix: "run aws configure sso --profile work"),
    ]

    @Test(arguments: passedOver)
    func aLoginThatCannotBeUsedIsNamed(_ login: PassedOver) async throws {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_PROFILE"] = "work"
        try setUp.configure("[profile work]\n" + login.profile)
        let said = await setUp.outcome()
        #expect(said.hasPrefix("no AWS credentials: looked for") && said.contains(login.cause), "\(said)")
        #expect(said.contains(login.fix), "\(said)")
        // Also where others come after it, as nobody may have meant.
        setUp.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/x"
        let passedOver = try setUp.chain.origin().passedOver
        #expect(passedOver.count == 1 && passedOver[0].cause.contains(login.cause))
        // And where a role is to be opened by it.
        try setUp.configure(
            "[profile role]\nrole_arn = \(Self.arn)\nsource_profile = work\n\n\n[profile work]\n" + login.profile)
        setUp.variables["AWS_PROFILE"] = "role"
        let opened = await setUp.outcome()
        #expect(opened.contains("\"work\" of profile \"role\" has no credentials; "), "\(opened)")
        #expect(opened.contains(login.fix), "\(opened)")
    }

    @Test func aProfileWithKeysBesideALoginSaysNothing() async throws {
        var setUp = try IdentitySetUp()
        setUp.variables["AWS_PROFILE"] = "work"
        try setUp.configure("[profile work]\nlogin_session = x\n")
        try setUp.keep("[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = planted\n")
        #expect(try setUp.chain.origin().passedOver.isEmpty)
        #expect(await setUp.outcome() == "AKIAWORK")
    }
}
