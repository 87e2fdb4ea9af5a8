import AWSCore
import Foundation
import TestSupport
import Testing

@Suite struct EndpointTests {
    private func resolve(
        service: AWSService = .dynamoDB, explicit: String? = nil, region: String? = nil,
        _ environment: [String: String], profile: String? = nil
    ) -> String {
        do {
            let endpoint = try AWSEndpoint.resolve(
                service: service, explicit: explicit, region: region, environment: environment, profile: profile)
            return "\(endpoint.region) \(endpoint.url)"
        } catch {
            return error.message
        }
    }

    @Test func codeComesBeforeTheServicesVariableBeforeTheCommonOneBeforeTheProfile() throws {
        let home = try TemporaryDirectory()
        try home.write("[default]\nendpoint_url = http://profile\nregion = eu-west-1\n", to: ".aws/config")
        var environment = ["HOME": home.path]
        #expect(resolve(environment) == "eu-west-1 http://profile/")
        environment["AWS_ENDPOINT_URL"] = "http://common"
        #expect(resolve(environment) == "eu-west-1 http://common/")
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = "http://own"
        #expect(resolve(environment) == "eu-west-1 http://own/")
        #expect(resolve(service: .cloudWatch, environment) == "eu-west-1 http://common/")
        #expect(resolve(explicit: "http://code:1", environment) == "eu-west-1 http://code:1/")
        environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        #expect(resolve(environment) == "eu-west-1 https://dynamodb.eu-west-1.amazonaws.com/")
    }

    @Test func servicesSectionOfTheProfileComesBeforeItsCommonURL() throws {
        let home = try TemporaryDirectory()
        try home.write(
            """
            [profile dev]
            region = eu-west-1
            services = local
            endpoint_url = http://common
            [services local]
            dynamodb =
              endpoint_url = http://ddb:8000
            """, to: ".aws/config")
        let environment = ["HOME": home.path, "AWS_PROFILE": "dev"]
        #expect(resolve(environment) == "eu-west-1 http://ddb:8000/")
        #expect(resolve(service: .cloudWatch, environment) == "eu-west-1 http://common/")
    }

    @Test func regionComesFromCodeThenItsTwoVariables() {
        let environment = ["AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-west-1"]
        #expect(resolve(region: "eu-north-1", environment).hasPrefix("eu-north-1 "))
        #expect(resolve(environment).hasPrefix("us-east-2 "))
        #expect(resolve(["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-1"]).hasPrefix("us-west-1 "))
        #expect(resolve([:]).hasPrefix("no AWS region is configured: set AWS_REGION"))
        #expect(resolve(["AWS_REGION": "evil.example/"]).contains("is not one"))
    }

    @Test(arguments: [
        ("eu-central-1", [:], "https://monitoring.eu-central-1.amazonaws.com/"),
        ("cn-north-1", [:], "https://monitoring.cn-north-1.amazonaws.com.cn/"),
        (
            "us-east-1", ["AWS_USE_FIPS_ENDPOINT": "true"], "https://monitoring-fips.us-east-1.amazonaws.com/"
        ),
        ("us-east-1", ["AWS_USE_DUALSTACK_ENDPOINT": "true"], "https://monitoring.us-east-1.api.aws/"),
    ])
    func awsOwnEndpoints(_ region: String, _ environment: [String: String], _ url: String) {
        #expect(resolve(service: .cloudWatch, region: region, environment) == "\(region) \(url)")
    }

    @Test(arguments: [
        "127.0.0.1:8000", "ftp://x", "http://", "http:///x", "http://x:99999", "http://x:", "http://x y", "http://x/ü",
        "localhost", "",
    ])
    func malformedURLsAreOneClearSentence(_ url: String) {
        let said = resolve(explicit: url, region: "us-east-1", [:])
        #expect(said.hasPrefix("the endpoint URL \"\(url)\" of the given endpoint "))
        #expect(said.contains("use a form such as http://127.0.0.1:8000"))
    }

    /// What should be an endpoint and is none may hold a password or a token all the same.
    @Test(arguments: [
        ("bob:hush@127.0.0.1:8000", "…@127.0.0.1:8000"), ("http//bob:hush@x.y", "…@x.y"),
        ("http://x?a=hush", "http://x?…"),
        ("http://x/#hush", "http://x/#…"), ("bob:hu?sh@x", "…"), ("ftp://bob:hush@x?hush", "…@x?…"),
        ("h/?t=a@hush", "…"),
        ("http:/x\u{1B}[31m/", "http:/x?[31m/"),
    ])
    func aMalformedURLIsShownWithoutUserAndQuery(_ url: String, _ shown: String) {
        let said = resolve(explicit: url, region: "us-east-1", [:])
        #expect(said.hasPrefix("the endpoint URL \"\(shown)\" of the given endpoint ") && !said.contains("hush"))
    }

    @Test func controlCharactersOfVariablesAreNotRepeated() {
        #expect(
            resolve(["AWS_REGION": "eu\u{1B}[31m\nx"]).contains("the region \"eu?[31m?x\" of AWS_REGION is not one"))
    }

    @Test func aProfileOrServicesSectionThatIsNamedHasToBeThere() throws {
        let home = try TemporaryDirectory()
        let keys = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1", "HOME": home.path,
        ]
        func said(_ profile: String) -> String {
            resolve(keys.merging(["AWS_PROFILE": profile]) { $1 })
        }
        #expect(
            said("work").contains("the profile \"work\" of AWS_PROFILE is neither in \(home.path)/.aws/config nor in"))
        try home.write(
            "[profile work]\n[profile shop]\nservices = nos\n[profile bare]\nservices = none\n[services none]\n[services sos]\n",
            to: ".aws/config")
        try home.write("[kept]\naws_access_key_id = A\n", to: ".aws/credentials")
        #expect(said("wrok").hasSuffix(": did you mean \"work\"?"))
        #expect(said("nope").contains("add it, or name one that is there (there are bare, kept, shop, work)"))
        for name in ["work", "kept", "bare"] {
            #expect(said(name) == "us-east-1 https://dynamodb.us-east-1.amazonaws.com/")
        }
        #expect(
            said("shop")
                == "services of profile \"shop\" in \(home.path)/.aws/config:3 names [services nos], which is not there: "
                + "did you mean \"sos\"?")
    }

    @Test func aPasswordInTheURLIsRefusedAndNotRepeated() {
        let said = resolve(explicit: "http://user:hush@x/", region: "us-east-1", [:])
        #expect(said.contains("holds a user name"))
        #expect(!said.contains("hush"))
    }

    @Test func hostsAreLoweredAndPathsKept() {
        #expect(
            resolve(explicit: "HTTP://LocalHost:8000/A", region: "us-east-1", [:]).hasSuffix("http://localhost:8000/A"))
        #expect(resolve(explicit: "http://[::1]:8000", region: "us-east-1", [:]).hasSuffix("http://[::1]:8000/"))
    }

    // MARK: Accounts

    private func accountURL(
        _ environment: [String: String], account: String?, region: String = "us-east-1", service: AWSService = .dynamoDB
    ) -> String {
        do {
            let endpoint = try AWSEndpoint.resolve(service: service, region: region, environment: environment)
            let keys = Credentials(accessKeyID: "A", secretAccessKey: "s", accountID: account)
            return try endpoint.account?.url(for: keys) ?? endpoint.url
        } catch {
            return error.message
        }
    }

    @Test func theAccountsOwnEndpointIsPreferredWhereTheAccountIsKnown() {
        #expect(accountURL([:], account: "123456789012") == "https://123456789012.ddb.us-east-1.amazonaws.com/")
        #expect(accountURL([:], account: nil) == "https://dynamodb.us-east-1.amazonaws.com/")
        #expect(accountURL([:], account: "1/2").contains("cannot stand in a host's name"))
        let dualStack = ["AWS_USE_DUALSTACK_ENDPOINT": "true"]
        #expect(accountURL(dualStack, account: "123456789012") == "https://123456789012.ddb.us-east-1.api.aws/")
        #expect(accountURL([:], account: "123456789012", service: .cloudWatch).contains("//monitoring."))
    }

    @Test func itsModeSaysWhetherItMayOrMust() {
        func mode(_ mode: String) -> [String: String] { ["AWS_ACCOUNT_ID_ENDPOINT_MODE": mode] }
        #expect(accountURL(mode("disabled"), account: "123456789012").contains("//dynamodb."))
        #expect(accountURL(mode("required"), account: nil).contains("do not say which account they belong to"))
        #expect(accountURL(mode("always"), account: nil).contains("use preferred, disabled or required"))
    }

    @Test func fipsDualStackAndModeComeFromTheProfileToo() throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\nregion = us-east-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = True\n"
                + "account_id_endpoint_mode = disabled\n", to: ".aws/config")
        #expect(resolve(["HOME": home.path]).hasSuffix(" https://dynamodb-fips.us-east-1.api.aws/"))
        #expect(
            resolve(["HOME": home.path, "AWS_USE_FIPS_ENDPOINT": "false"]).hasSuffix(
                " https://dynamodb.us-east-1.api.aws/"))
        #expect(resolve(["HOME": home.path, "AWS_USE_FIPS_ENDPOINT": "yes"]).contains("use true or false"))
    }

    /// Decisions of botocore's own rule engine: `scripts/make-endpoint-vectors` writes the file.
    @Test func everyDecisionIsBotocoresOwn() throws {
        let path = #filePath.replacing("EndpointTests.swift", with: "Vectors/endpoints.tsv")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter {
            !$0.hasPrefix("#")
        }
        #expect(lines.count > 1_000)
        var refusals = 0
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            var environment = ["AWS_ACCOUNT_ID_ENDPOINT_MODE": fields[4]]
            if fields[2] == "fips" || fields[2] == "both" { environment["AWS_USE_FIPS_ENDPOINT"] = "true" }
            if fields[2] == "dual" || fields[2] == "both" { environment["AWS_USE_DUALSTACK_ENDPOINT"] = "true" }
            if !fields[5].isEmpty { environment["AWS_ENDPOINT_URL"] = fields[5] }
            let service = try #require(Self.services[fields[0]])
            let said = accountURL(
                environment, account: fields[3].isEmpty ? nil : fields[3], region: fields[1], service: service)
            if fields[6] == "error" {
                refusals += 1
                #expect(!said.hasPrefix("http"), "\(line)")
            } else {
                #expect(said == fields[6] + (fields[6].hasSuffix("/") ? "" : "/"), "\(line)")
            }
        }
        #expect(refusals > 50)
    }

    private static let services: [String: AWSService] = [
        "dynamodb": .dynamoDB, "cloudwatch": .cloudWatch, "sts": .sts, "sso": .sso, "sso-oidc": .ssoOIDC,
    ]

    /// As botocore 1.43 has it: one profile out of both files, the credentials file last.
    @Test func settingsOfTheCredentialsFileCountAndWin() throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\nregion = us-east-1\nretry_mode = standard\nmax_attempts = 7\n", to: ".aws/config")
        try home.write(
            "[default]\naws_secret_access_key = planted\nregion = eu-west-1\nretry_mode = adaptive\n"
                + "use_fips_endpoint = true\n[only]\nregion = eu-central-1\nuse_dualstack_endpoint = x\n",
            to: ".aws/credentials")
        let environment = ["HOME": home.path]
        let endpoint = try AWSEndpoint.resolve(service: .cloudWatch, environment: environment)
        #expect(endpoint.url == "https://monitoring-fips.eu-west-1.amazonaws.com/")
        let settings = try RetryPolicy.profileSettings(environment: environment)
        let policy = try RetryPolicy.resolve(for: .dynamoDB, environment: [:], profile: settings)
        #expect(policy.mode == .adaptive && policy.maximumAttempts == 7)
        #expect(!"\(settings)".contains("planted"))
        #expect(
            try AWSEndpoint.resolveRegion(explicit: nil, environment: environment, profile: "only") == "eu-central-1")
        let refusal = #expect(throws: AWSConfigurationError.self) {
            try AWSEndpoint.resolve(service: .cloudWatch, environment: environment, profile: "only")
        }
        #expect(
            refusal?.message
                == "use_dualstack_endpoint of profile \"only\" in \(home.path)/.aws/credentials:8 is \"x\": use true or false"
        )
    }
}
