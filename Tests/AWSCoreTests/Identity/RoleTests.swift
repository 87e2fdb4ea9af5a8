import AWSCore
import LoopbackAWS
import TestSupport
import Testing

@Suite struct RoleTests {
    private static let arn = "arn:aws:iam::123456789012:role/reader"

    private func setUp() throws -> (IdentitySetUp, LoopbackSTS) {
        var setUp = try IdentitySetUp()
        let now = setUp.now
        let sts = try LoopbackSTS { now }
        sts.set { $0.known = ["AKIABASE": KnownCredentials(secretAccessKey: "base-secret")] }
        setUp.variables["AWS_ENDPOINT_URL_STS"] = sts.url
        try setUp.keep("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n")
        return (setUp, sts)
    }

    // MARK: Assume-role

    @Test func aRoleIsOpenedByItsSourceProfileAndSaysEverythingThatTheProfileSays() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(keys: ["AKIABASE"], externalID: "e&x/1 ü") }
        try setUp.configure(
            """
            [profile work]
            role_arn = \(Self.arn)
            source_profile = base
            external_id = e&x/1 ü
            role_session_name = shop+1
            duration_seconds = 900
            """)
        setUp.variables["AWS_PROFILE"] = "work"
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIAROLE1")
        #expect(found.secretAccessKey == "planted-role-secret-1")
        #expect(found.sessionToken == "planted/role+token==1")
        #expect(found.expiration == setUp.now.advanced(by: .seconds(900)))
        #expect(found.accountID == "123456789012")
        #expect(
            sts.forms == [
                [
                    "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": Self.arn, "RoleSessionName": "shop+1",
                    "ExternalId": "e&x/1 ü", "DurationSeconds": "900",
                ]
            ])
    }

    @Test func rolesOpenEachOtherInAChain() async throws {
        var (setUp, sts) = try setUp()
        let outer = "arn:aws:iam::210987654321:role/outer"
        sts.set {
            $0.roles[Self.arn] = .init(keys: ["AKIABASE"])
            $0.roles[outer] = .init(keys: ["ASIAROLE1"])
        }
        try setUp.configure(
            """
            [profile outer]
            role_arn = \(outer)
            source_profile = inner
            [profile inner]
            role_arn = \(Self.arn)
            source_profile = base
            """)
        setUp.variables["AWS_PROFILE"] = "outer"
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIAROLE2")
        #expect(found.accountID == "210987654321")
        #expect(sts.forms.map { $0["RoleArn"] } == [Self.arn, outer])
    }

    @Test func aProfileMayOpenItsRoleWithItsOwnKeys() async throws {
        let (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(keys: ["AKIABASE"]) }
        try setUp.keep(
            "[default]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\nrole_arn = \(Self.arn)\n"
                + "source_profile = default\n")
        #expect(await setUp.outcome() == "ASIAROLE1")
    }

    @Test func theEnvironmentOpensARole() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(keys: ["AKIABASE"]) }
        try setUp.configure("[profile p]\nrole_arn = \(Self.arn)\ncredential_source = Environment\n")
        setUp.variables["AWS_ACCESS_KEY_ID"] = "AKIABASE"
        setUp.variables["AWS_SECRET_ACCESS_KEY"] = "base-secret"
        // The environment's own keys come first, unless the program names the profile.
        #expect(await setUp.outcome() == "AKIABASE")
        setUp.profile = "p"
        #expect(await setUp.outcome() == "ASIAROLE1")
    }

    @Test func aRefusedRoleSaysWhoRefusesItAndWhatToDo() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(keys: ["SOMEBODY"]) }
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        let said = await setUp.outcome()
        #expect(
            said.hasPrefix("STS does not give the role \(Self.arn) (profile \"default\"): status 403, AccessDenied"))
        #expect(said.contains("allow sts:AssumeRole on it"))
        #expect(sts.requests.count == 1)
        setUp.variables["AWS_SHARED_CREDENTIALS_FILE"] = try setUp.home.write(
            "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = wrong\n", to: "keys")
        #expect(await setUp.outcome().contains("SignatureDoesNotMatch"))
    }

    private static let assumeFixes = [
        (
            "AccessDenied",
            "allow sts:AssumeRole on it to the credentials of source_profile base (aws sts get-caller-identity "
                + "--profile base says who that is), and name them in the role's trust policy"
        ),
        ("ExpiredToken", "renew the credentials of source_profile base, such as by aws sso login --profile base"),
        ("ExpiredTokenException", "renew the credentials of source_profile base"),
        ("InvalidClientTokenId", "check the credentials of source_profile base: AWS does not know the access key"),
        (
            "SignatureDoesNotMatch",
            "check the secret key of the credentials of source_profile base, and this machine's clock"
        ),
        (
            "RegionDisabledException",
            "enable STS in us-east-1 (account settings of IAM), or choose another region by AWS_REGION"
        ),
        (
            "ValidationError",
            "correct what the message names: role_arn, role_session_name, external_id or duration_seconds of "
                + "profile \"default\""
        ),
        ("Throttling", "let fewer processes renew credentials at once"),
        (
            "SomethingNew",
            "see it alone with aws sts assume-role --role-arn \(arn) --role-session-name check --profile base, "
                + "which the credentials of source_profile base open, and check role_arn, region and source of profile"
        ),
    ]

    @Test(arguments: assumeFixes)
    func eachRefusalOfARoleSaysWhatMendsIt(_ code: String, _ fix: String) async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        sts.set { $0.next = Array(repeating: .refusingRole(code), count: 3) }
        let said = await setUp.outcome()
        #expect(said.contains(", \(code): told to") && said.contains(fix), "\(said)")
        #expect(sts.requests.count == (code == "Throttling" ? 3 : 1))
    }

    @Test func aRefusedRoleThatTheEnvironmentOpensNamesTheEnvironment() async throws {
        var (setUp, sts) = try setUp()
        try setUp.configure("[profile p]\nrole_arn = \(Self.arn)\ncredential_source = Environment\n")
        setUp.variables["AWS_ACCESS_KEY_ID"] = "AKIABASE"
        setUp.variables["AWS_SECRET_ACCESS_KEY"] = "base-secret"
        setUp.profile = "p"
        sts.set { $0.next = [.refusingRole("AccessDenied")] }
        let said = await setUp.outcome()
        #expect(
            said.contains("to the credentials of credential_source Environment (aws sts get-caller-identity says"),
            "\(said)")
    }

    @Test(arguments: [
        ("AccessDenied", "name the token's issuer, audience and subject"),
        ("ExpiredTokenException", "look why the token in the file is not renewed"),
        ("InvalidIdentityToken", "the issuer as identity provider (aws iam list-open-id-connect-providers)"),
        ("IDPRejectedClaim", "get a new token: its issuer does not stand by this one"),
        ("IDPCommunicationError", "check that the token's issuer can be reached from the internet"),
        ("RegionDisabledException", "enable STS in us-east-1"),
        ("ValidationError", "AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME"),
        (
            "SomethingNew",
            "see it alone with aws sts assume-role-with-web-identity --role-arn \(arn) --role-session-name check "
                + "--web-identity-token file:///"
        ),
    ])
    func eachRefusalOfATokenSaysWhatMendsIt(_ code: String, _ fix: String) async throws {
        var (setUp, sts) = try setUp()
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try setUp.home.write("a.b.c", to: "token")
        setUp.variables["AWS_ROLE_ARN"] = Self.arn
        sts.set { $0.next = [.refusingRole(code)] }
        let error = await #expect(throws: AWSConfigurationError.self) {
            try await setUp.chain.credentials(now: setUp.now)
        }
        #expect(error?.message.contains(fix) == true, "\(error?.message ?? "")")
        // The issuer may answer again in a while.
        #expect(error?.isPassing == (code == "IDPCommunicationError"))
    }

    @Test func anUnsignedAssumeRoleIsRefusedByTheServer() async throws {
        // The witness itself: what STS refuses, it refuses.
        let (setUp, sts) = try setUp()
        let transport = try IdentitySetUp.tools.makeTransport(.service)
        let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=\(Self.arn)&RoleSessionName=xx"
        let answer = try await transport.send(HTTPRequest(url: sts.url, body: Array(form.utf8)))
        #expect(answer.status == 403)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("<Code>MissingAuthenticationToken</Code>"))
        #expect(setUp.home.path.isEmpty == false)
    }

    @Test func aClockThatIsOffIsCorrectedOnce() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(keys: ["AKIABASE"]) }
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        setUp.now = setUp.now.advanced(by: .seconds(-7_200))
        #expect(await setUp.outcome() == "ASIAROLE1")
        #expect(sts.requests.count == 2)
    }

    @Test func passingTroubleOfTheServiceIsTriedAgain() async throws {
        let (setUp, sts) = try setUp()
        sts.set {
            $0.roles[Self.arn] = .init(keys: ["AKIABASE"])
            $0.next = [LoopbackAnswer(status: 503), .failing(.reset)]
        }
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        #expect(await setUp.outcome() == "ASIAROLE1")
        #expect(sts.requests.count == 3)
        sts.set { $0.next = [LoopbackAnswer](repeating: LoopbackAnswer(status: 500, body: []), count: 3) }
        #expect(await setUp.outcome().hasPrefix("STS at \(sts.url) answers with status 500"))
    }

    @Test func thePauseDoublesBetweenAttempts() async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        sts.set { $0.next = [LoopbackAnswer](repeating: LoopbackAnswer(status: 503), count: 3) }
        let pauses = Lock<[Duration]>([])
        var tools = IdentitySetUp.tools
        tools.hooks = CallHooks(sleep: { pause in pauses.withLock { $0.append(pause) } }, random: { 0.5 })
        let chain = CredentialChain.default(environment: setUp.variables, tools: tools)
        await #expect(throws: AWSConfigurationError.self) { try await chain.credentials(now: setUp.now) }
        #expect(pauses.withLock { $0 } == [.milliseconds(100), .milliseconds(200)])
    }

    @Test func somethingElseInItsPlaceIsNotTakenForCredentials() async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        for body in ["", "<html></html>", "<AssumeRoleResponse>", "{}", "<AssumeRoleResponse></AssumeRoleResponse>x"] {
            sts.set { $0.next = [.ok(body)] }
            #expect(await setUp.outcome().contains("bytes that are not its answer"))
        }
    }

    private static func answer(without lacking: String = "", end: String = "2026-11-23T20:00:00Z") -> String {
        let members = [
            ("AccessKeyId", "ASIAROLE"), ("SecretAccessKey", "planted"), ("SessionToken", "planted"),
            ("Expiration", end),
        ].map { "<\($0)>\($0 == lacking ? "" : $1)</\($0)>" }
        return "<AssumeRoleResponse><AssumeRoleResult><Credentials>\(members.joined())</Credentials></AssumeRoleResult>"
            + "</AssumeRoleResponse>"
    }

    @Test func anAnswerThatLacksAMemberSaysWhich() async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        for member in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
            sts.set { $0.next = [.ok(Self.answer(without: member))] }
            #expect(await setUp.outcome().contains("bytes that are not its answer: no \(member)"))
        }
        sts.set { $0.next = [.ok(Self.answer(end: "soon"))] }
        #expect(await setUp.outcome().contains("bytes that are not its answer: Expiration is no time"))
    }

    /// Other implementations of the service write the end in other forms.
    @Test(arguments: ["2026-11-23T20:00:00+0000", "2026-11-23 20:00:00", "9999-12-31T23:59:59Z"])
    func theEndOfARoleIsTakenInAnyUsualForm(end: String) async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\nrole_arn = \(Self.arn)\nsource_profile = base\n")
        sts.set { $0.next = [.ok(Self.answer(end: end))] }
        #expect(await setUp.outcome() == "ASIAROLE")
    }

    // MARK: What the files say wrongly

    @Test(arguments: [
        ("role_arn = reader", "/config:2) is no role's ARN"),
        ("role_arn = arn:aws:iam::1:role/x\nsource_profile = base", "is no role's ARN"),
        ("role_arn = \(arn)", "says nothing about who opens the role"),
        ("role_arn = \(arn)\nsource_profile = base\ncredential_source = Environment", "has both source_profile"),
        ("role_arn = \(arn)\nsource_profile = bsae", "did you mean \"base\"?"),
        ("role_arn = \(arn)\nsource_profile = default", "open each other in a circle"),
        (
            "role_arn = \(arn)\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x",
            "asks for a code of a person's MFA"
        ),
        (
            "role_arn = \(arn)\nsource_profile = base\nduration_seconds = 60",
            "/config:4) is \"60\": use a whole number from 900 to 43200"
        ),
        ("role_arn = \(arn)\nsource_profile = base\nrole_session_name = a b", "cannot be used"),
        ("role_arn = \(arn)\ncredential_source = Elsewhere", "is none that there is"),
        ("role_arn = \(arn)\ncredential_source = EcsContainer", "finds no container's agent"),
    ])
    func aWrongProfileIsOneClearSentence(_ text: String, _ expected: String) async throws {
        let (setUp, sts) = try setUp()
        try setUp.configure("[default]\n\(text)\n")
        let said = await setUp.outcome()
        #expect(said.contains(expected), "\(said)")
        #expect(sts.requests.isEmpty)
    }

    @Test func aNamedProfileThatIsNotThereIsAnErrorWithTheNearestName() async throws {
        var (setUp, _) = try setUp()
        setUp.variables["AWS_PROFILE"] = "bsse"
        let said = await setUp.outcome()
        #expect(said.hasPrefix("the profile \"bsse\" of AWS_PROFILE is neither in"))
        #expect(said.hasSuffix("did you mean \"base\"?"))
    }

    // MARK: Web identity

    @Test func aTokenOfAnotherProviderOpensARoleWithoutAnySignature() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(tokens: ["planted.web.token"]) }
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try setUp.home.write("planted.web.token\n", to: "token")
        setUp.variables["AWS_ROLE_ARN"] = Self.arn
        #expect(await setUp.outcome() == "ASIAROLE1")
        #expect(sts.requests[0].header("Authorization") == nil)
        #expect(sts.forms[0]["Action"] == "AssumeRoleWithWebIdentity")
        #expect(sts.forms[0]["RoleSessionName"] == "tidemark-1795435200")
    }

    @Test func theTokenFileIsReadAnewForEachRenewal() async throws {
        var (setUp, sts) = try setUp()
        sts.set { $0.roles[Self.arn] = .init(tokens: ["a.b.one", "a.b.two"]) }
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try setUp.home.write("a.b.one", to: "token")
        setUp.variables["AWS_ROLE_ARN"] = Self.arn
        let chain = setUp.chain
        _ = try await chain.credentials(now: setUp.now)
        try setUp.home.write("a.b.two", to: "token")
        #expect(try await chain.credentials(now: setUp.now.advanced(by: .seconds(3_000))).accessKeyID == "ASIAROLE2")
        #expect(sts.forms.map { $0["WebIdentityToken"] } == ["a.b.one", "a.b.two"])
    }

    @Test func aMissingOrExpiredOrUnknownTokenSaysSo() async throws {
        var (setUp, sts) = try setUp()
        sts.set {
            $0.roles[Self.arn] = .init(tokens: ["a.b.good"])
            $0.expiredTokens = ["a.b.old"]
        }
        let path = setUp.home.path("token")
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = path
        #expect(await setUp.outcome().contains("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"))
        setUp.variables["AWS_ROLE_ARN"] = Self.arn
        #expect(await setUp.outcome().hasPrefix("the token file \(path) of web identity is not there"))
        try setUp.home.write("", to: "token")
        #expect(await setUp.outcome().contains("holds no token"))
        try setUp.home.write("a.b.old", to: "token")
        #expect(await setUp.outcome().contains("look why the token in the file is not renewed"))
        try setUp.home.write("no token", to: "token")
        #expect(await setUp.outcome().contains("holds no token"))
        try setUp.home.write("nojwt", to: "token")
        #expect(await setUp.outcome().contains("InvalidIdentityToken"))
        try setUp.home.write("a.b.other", to: "token")
        #expect(await setUp.outcome().contains("name the token's issuer, audience and subject"))
    }

    @Test func aTokenFileOfAProfileIsNamedWithItsLine() async throws {
        let (setUp, _) = try setUp()
        try setUp.configure("[default]\nweb_identity_token_file = /nowhere/token\n")
        let place = "profile \"default\" (\(setUp.home.path)/.aws/config:2)"
        #expect(await setUp.outcome().hasPrefix("\(place) has web_identity_token_file but no role_arn"))
        try setUp.configure("[default]\nweb_identity_token_file = /nowhere/token\nrole_arn = \(Self.arn)\n")
        let said = await setUp.outcome()
        #expect(
            said.hasPrefix(
                "the token file /nowhere/token of web identity is not there: check web_identity_token_file of \(place), and"
            ),
            "\(said)")
    }

    @Test func webIdentityComesAfterKeysAndBeforeTheDefaultProfileButAfterARoleOfANamedOne() async throws {
        var (setUp, sts) = try setUp()
        let named = "arn:aws:iam::123456789012:role/named"
        sts.set {
            $0.roles[Self.arn] = .init(tokens: ["a.b.c"])
            $0.roles[named] = .init(keys: ["AKIABASE"])
        }
        try setUp.configure("[profile named]\nrole_arn = \(named)\nsource_profile = base\n")
        setUp.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try setUp.home.write("a.b.c", to: "token")
        setUp.variables["AWS_ROLE_ARN"] = Self.arn
        _ = await setUp.outcome()
        setUp.variables["AWS_PROFILE"] = "named"
        _ = await setUp.outcome()
        setUp.variables["AWS_PROFILE"] = "base"
        _ = await setUp.outcome()
        #expect(sts.forms.map { $0["RoleArn"] } == [Self.arn, named, Self.arn])
        setUp.profile = "base"
        #expect(await setUp.outcome() == "AKIABASE")
    }
}

extension LoopbackAnswer {
    /// STS's refusal with this code.
    fileprivate static func refusingRole(_ code: String) -> LoopbackAnswer {
        let text =
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>told to</Message></Error></ErrorResponse>"
        return LoopbackAnswer(status: 400, body: Array(text.utf8))
    }
}
