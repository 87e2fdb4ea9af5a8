import AWSCore
import Foundation
import LoopbackAWS
import TestSupport
import Testing

@Suite struct SSOTests {
    private static let session = """
        [profile work]
        sso_session = corp
        sso_account_id = 123456789012
        sso_role_name = reader
        [sso-session corp]
        sso_start_url = https://corp.awsapps.com/start
        sso_region = us-east-1
        """
    /// SHA-1 of "corp", as sha1sum says it.
    private static let sessionFile = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"

    private func setUp(_ configuration: String = session) throws -> (IdentitySetUp, LoopbackIdentityCenter) {
        var setUp = try IdentitySetUp()
        let now = setUp.now
        let center = try LoopbackIdentityCenter { now }
        setUp.variables["AWS_ENDPOINT_URL_SSO"] = center.url
        setUp.variables["AWS_ENDPOINT_URL_SSO_OIDC"] = center.url
        setUp.variables["AWS_PROFILE"] = "work"
        try setUp.configure(configuration)
        center.set { $0.tokens = ["planted-token-0"] }
        return (setUp, center)
    }

    private func login(_ setUp: IdentitySetUp, expires: String, extra: String = "", file: String = sessionFile) throws {
        try setUp.home.write(
            #"{"startUrl":"https://corp.awsapps.com/start","accessToken":"planted-token-0","expiresAt":"\#(expires)"\#(extra)}"#,
            to: file)
    }

    private static let renewable =
        #","clientId":"client-1","clientSecret":"planted-client-secret","registrationExpiresAt":"2027-01-01T00:00:00Z","refreshToken":"planted-refresh-0","region":"us-east-1""#

    @Test func aLoginGivesTheRolesCredentials() async throws {
        let (setUp, center) = try setUp()
        try login(setUp, expires: "2026-11-23T20:00:00Z")
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIASSO")
        #expect(found.expiration == setUp.now.advanced(by: .seconds(3_600)))
        #expect(found.accountID == "123456789012")
        #expect(center.requests.map(\.target) == ["/federation/credentials?role_name=reader&account_id=123456789012"])
        #expect(center.requests[0].header("Authorization") == nil)
    }

    @Test func theOlderFormWithoutASessionWorksToo() async throws {
        let (setUp, center) = try setUp(
            """
            [profile work]
            sso_start_url = https://corp.awsapps.com/start
            sso_region = us-east-1
            sso_account_id = 123456789012
            sso_role_name = reader
            """)
        try login(
            setUp, expires: "2026-11-23T20:00:00UTC",
            file: ".aws/sso/cache/\(Self.sha1OfTheStartURL).json")
        let said = await setUp.outcome()
        #expect(said == "ASIASSO")
        #expect(center.requests.count == 1)
    }

    /// SHA-1 of "https://corp.awsapps.com/start".
    private static let sha1OfTheStartURL = "a51746d4aa793ae07b25e90c3a5db96fc7832bd7"

    @Test func anExpiredLoginSaysHowToLogInAgain() async throws {
        let (setUp, center) = try setUp()
        #expect(
            await setUp.outcome().hasSuffix(
                "\(Self.sessionFile) is not there): run aws sso login --profile work"))
        try login(setUp, expires: "2026-11-23T12:00:00Z")
        let said = await setUp.outcome()
        #expect(said.contains("it expired at 2026-11-23T12:00:00Z: run aws sso login --profile work"))
        try setUp.home.write("{}", to: Self.sessionFile)
        #expect(await setUp.outcome().contains("holds no token"))
        #expect(center.requests.isEmpty)
        try login(setUp, expires: "2026-11-23T20:00:00Z")
        center.set { $0.tokens = [] }
        #expect(await setUp.outcome().hasSuffix("run aws sso login --profile work"))
    }

    @Test func aTokenNearItsEndIsRenewedAndKeptForTheOtherTools() async throws {
        let (setUp, center) = try setUp()
        center.set { $0.refreshTokens = ["planted-refresh-0"] }
        try login(setUp, expires: "2026-11-23T12:14:59Z", extra: Self.renewable)
        #expect(await setUp.outcome() == "ASIASSO")
        #expect(center.requests.map(\.target)[0] == "/token")
        #expect(center.requests[1].header("x-amz-sso_bearer_token") == "planted-token-1")
        let kept = String(decoding: try setUp.home.read(Self.sessionFile), as: UTF8.self)
        #expect(kept.contains(#""accessToken":"planted-token-1""#))
        #expect(kept.contains(#""refreshToken":"planted-refresh-1""#))
        #expect(kept.contains(#""expiresAt":"2026-11-23T20:00:00Z""#))
        #expect(kept.contains(#""clientSecret":"planted-client-secret""#))
        let mode = try FileManager.default.attributesOfItem(atPath: setUp.home.path(Self.sessionFile))[
            .posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(await setUp.outcome() == "ASIASSO")
        #expect(center.requests.count == 3)
    }

    /// Older tools wrote times with "UTC" at their end.
    @Test func aRegistrationsEndIsTakenInTheOlderFormToo() async throws {
        let (setUp, center) = try setUp()
        center.set { $0.refreshTokens = ["planted-refresh-0"] }
        let older = Self.renewable.replacingOccurrences(of: "2027-01-01T00:00:00Z", with: "2027-01-01T00:00:00UTC")
        try login(setUp, expires: "2026-11-23T12:14:59UTC", extra: older)
        #expect(await setUp.outcome() == "ASIASSO")
        #expect(center.requests.map(\.target)[0] == "/token")
    }

    /// Home directories are put together of links; what is behind one is written, and the link stays.
    @Test func aCacheFileThatIsALinkStaysOne() async throws {
        let (setUp, center) = try setUp()
        center.set { $0.refreshTokens = ["planted-refresh-0"] }
        try login(setUp, expires: "2026-11-23T12:14:59Z", extra: Self.renewable, file: "dotfiles/sso/login.json")
        try setUp.home.write("", to: ".aws/sso/cache/other.json")
        let link = setUp.home.path(Self.sessionFile)
        // From one link to another, by a path that begins at the link.
        try FileManager.default.createSymbolicLink(
            atPath: setUp.home.path("dotfiles/login"), withDestinationPath: "sso/login.json")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "../../../dotfiles/login")
        let file = setUp.home.path("dotfiles/sso/login.json")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let before = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
        #expect(await setUp.outcome() == "ASIASSO")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "../../../dotfiles/login")
        let kept = String(decoding: try setUp.home.read("dotfiles/sso/login.json"), as: UTF8.self)
        #expect(kept.contains(#""accessToken":"planted-token-1""#))
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        // In one step: another file in the old one's place, and nothing left beside it.
        #expect(attributes[.systemFileNumber] as? Int != before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: setUp.home.path("dotfiles/sso")) == ["login.json"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: setUp.home.path(".aws/sso/cache")).count == 2)
    }

    @Test func aTokenThatCannotBeRenewedIsUsedToItsEnd() async throws {
        let (setUp, center) = try setUp()
        try login(setUp, expires: "2026-11-23T12:14:59Z", extra: Self.renewable)
        #expect(await setUp.outcome() == "ASIASSO")
        #expect(center.requests.map(\.target)[0] == "/token")
        try login(setUp, expires: "2026-11-23T11:59:59Z", extra: Self.renewable)
        let said = await setUp.outcome()
        #expect(said.contains("it could not be renewed"))
        #expect(said.contains("invalid_grant"))
        #expect(!said.contains("planted"))
    }

    @Test(arguments: [
        (401, "UnauthorizedException", "run aws sso login --profile work"),
        (403, "ForbiddenException", "that the permission set is assigned to this user; aws sso login --profile work"),
        (404, "ResourceNotFoundException", "and sso_region (us-east-1): aws configure sso --profile work shows"),
        (400, "InvalidRequestException", "sso_account_id, sso_role_name or sso_region of profile \"work\""),
        (429, "TooManyRequestsException", "let fewer processes renew credentials at once"),
        (500, "InternalServerException", "wait until it works again"),
        (409, "SomethingNewException", "see it alone with aws sts get-caller-identity --profile work"),
    ])
    func eachRefusalOfARoleSaysWhatMendsIt(_ status: Int, _ code: String, _ fix: String) async throws {
        let (setUp, center) = try setUp()
        try login(setUp, expires: "2026-11-23T20:00:00Z")
        center.set { $0.refusals = ["/federation/credentials": (status, code)] }
        let said = await setUp.outcome()
        #expect(said.contains(code) && said.contains(fix), "\(said)")
    }

    @Test(arguments: [
        ("InvalidGrantException", "run aws sso login --profile work"),
        ("ExpiredTokenException", "run aws sso login --profile work"),
        ("InvalidClientException", "run aws sso login --profile work"),
        ("AccessDeniedException", "have this user's access to IAM Identity Center restored, then run aws sso login"),
        ("InvalidRequestException", "check sso_region (us-east-1) and sso_registration_scopes of profile \"work\""),
        ("SlowDownException", "let fewer processes renew credentials at once"),
        ("SomethingNewException", "run aws sso login --profile work"),
    ])
    func eachRefusalOfATokenSaysWhatMendsIt(_ code: String, _ fix: String) async throws {
        let (setUp, center) = try setUp()
        try login(setUp, expires: "2026-11-23T11:59:59Z", extra: Self.renewable)
        center.set { $0.refusals = ["/token": (400, code)] }
        let said = await setUp.outcome()
        #expect(said.contains("it could not be renewed") && said.contains(code) && said.contains(fix), "\(said)")
    }

    @Test func aRoleThatIsNotAssignedIsNamed() async throws {
        let (setUp, center) = try setUp()
        center.set { $0.assigned = [] }
        try login(setUp, expires: "2026-11-23T20:00:00Z")
        let said = await setUp.outcome()
        #expect(said.contains("does not give the role reader of the account 123456789012"))
        #expect(said.contains("ForbiddenException: No access"))
    }

    @Test(arguments: [
        ("[profile work]\nsso_role_name = r\n", "lacks sso_start_url, sso_region, sso_account_id"),
        ("[profile work]\nsso_role_name = r\nsso_session = x\n", "there is no [sso-session x]"),
        (
            "[profile work]\nsso_role_name = r\nsso_session = x\nsso_region = a\n[sso-session x]\nsso_region = b\n",
            "/config:4) differs from that of [sso-session x]"
        ),
    ])
    func aWrongProfileIsOneClearSentence(_ text: String, _ expected: String) async throws {
        let (setUp, _) = try setUp(text)
        #expect(await setUp.outcome().contains(expected))
    }
}
