import AWSCore
import CurlTransport
import Glibc
import TestSupport
import Testing

@Suite struct CredentialTests {
    private let now = Timestamp(secondsSince1970: 1_795_435_200)

    private func message(_ provider: some CredentialProvider) async -> String {
        do {
            return "found \(try await provider.credentials(now: now).accessKeyID)"
        } catch {
            return error.message
        }
    }

    @Test func environmentComesBeforeFiles() async throws {
        let home = try TemporaryDirectory()
        try home.write("[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n", to: ".aws/credentials")
        let chain = CredentialChain.default(environment: [
            "HOME": home.path, "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
        ])
        let found = try await chain.credentials(now: now)
        #expect(found.accessKeyID == "ENV")
        #expect(found.sessionToken == "t")
    }

    @Test func halfAKeyInTheEnvironmentIsAnErrorAndNotSkipped() async {
        let said = await message(CredentialChain.default(environment: ["AWS_ACCESS_KEY_ID": "A"]))
        #expect(said.contains("AWS_SECRET_ACCESS_KEY is not set"))
    }

    @Test func profileOfTheEnvironmentIsRead() async throws {
        let home = try TemporaryDirectory()
        let path = try home.write(
            """
            # comment
            [default]
            aws_access_key_id=D
            aws_secret_access_key=d

            [work]
              aws_access_key_id = W ; comment
            aws_secret_access_key = w/+=#x
            aws_session_token = tt
            """, to: "keys")
        let environment = ["AWS_SHARED_CREDENTIALS_FILE": path, "AWS_PROFILE": "work", "HOME": home.path]
        let found = try await CredentialChain.default(environment: environment).credentials(now: now)
        #expect(
            found == Credentials(accessKeyID: "W", secretAccessKey: "w/+=#x", sessionToken: "tt", expiration: nil))
        let explicit = try await CredentialChain.default(environment: environment, profile: "default")
            .credentials(now: now)
        #expect(explicit.accessKeyID == "D")
    }

    @Test func keysInTheConfigurationFileAreFoundToo() async throws {
        let home = try TemporaryDirectory()
        try home.write("[profile p]\naws_access_key_id=C\naws_secret_access_key=c\n", to: ".aws/config")
        let provider = CredentialChain.default(environment: ["HOME": home.path], profile: "p")
        #expect(await message(provider) == "found C")
    }

    @Test func expiredKeysAreRefusedWithTheTimeAndWhatToDo() async throws {
        let expired = Credentials(accessKeyID: "A", secretAccessKey: "s", expiration: now)
        #expect(
            await message(StaticCredentials(expired))
                == "the AWS credentials given to this process expired at 2026-11-23T12:00:00Z: renew them and start again"
        )
        let environment = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_CREDENTIAL_EXPIRATION": "2026-11-23T11:59:59Z",
        ]
        #expect(
            await message(CredentialChain.default(environment: environment)).contains("expired at 2026-11-23T11:59"))
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\naws_access_key_id=A\naws_secret_access_key=s\naws_expiration=2020-01-01T00:00:00Z\n",
            to: ".aws/credentials")
        #expect(await message(CredentialChain.default(environment: ["HOME": home.path])).contains("expired at 2020"))
    }

    @Test(arguments: ["planted secret", "planted\n", " planted", "planted\t", "plant\u{E9}d", "planted\0"])
    func aSecretThatNoKeyHasIsFoundBeforeItSigns(_ secret: String) async {
        let credentials = Credentials(accessKeyID: "A", secretAccessKey: secret)
        let environment = ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": secret]
        let said = [
            await message(StaticCredentials(credentials)),
            await message(EnvironmentCredentials(environment: environment)),
            await message(CredentialChain.default(environment: environment)),
        ]
        for text in said {
            #expect(text.contains("hold a space, line end or other character that no key has: copy them again"))
            #expect(!text.contains("plant"))
        }
    }

    @Test func renewedFileIsReadAfterAMinute() async throws {
        let home = try TemporaryDirectory()
        let provider = CredentialChain.default(environment: ["HOME": home.path])
        func write(_ id: String) throws {
            try home.write("[default]\naws_access_key_id=\(id)\naws_secret_access_key=s\n", to: ".aws/credentials")
        }
        try write("OLD")
        #expect(try await provider.credentials(now: now).accessKeyID == "OLD")
        try write("NEW")
        #expect(try await provider.credentials(now: now.advanced(by: .seconds(59))).accessKeyID == "OLD")
        #expect(try await provider.credentials(now: now.advanced(by: .seconds(60))).accessKeyID == "NEW")
    }

    @Test func nothingFoundSaysWhereWasLookedAndWhatIsMissing() async throws {
        let home = try TemporaryDirectory()
        var environment = ["HOME": home.path, "AWS_EC2_METADATA_DISABLED": "true"]
        let said = await message(CredentialChain.default(environment: environment))
        #expect(
            said
                == "no AWS credentials: looked for AWS_ACCESS_KEY_ID in the environment (not set), in profile \"default\" in "
                + "\(home.path)/.aws/credentials (no such file) and \(home.path)/.aws/config (no such file), in the instance's "
                + "metadata service (AWS_EC2_METADATA_DISABLED is true): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                + "or AWS_PROFILE, or run with a role")
        environment["AWS_PROFILE"] = "p"
        try home.write("[profile p]\nregion = us-east-1\n", to: ".aws/config")
        #expect(await message(CredentialChain.default(environment: environment)).contains("profile \"p\" in"))
    }

    @Test func theCredentialsFileComesBeforeTheOther() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\naws_access_key_id=CONFIG\naws_secret_access_key=c\naws_session_token=t\n", to: ".aws/config")
        try home.write("[default]\naws_access_key_id=FILE\naws_secret_access_key=f\n", to: ".aws/credentials")
        let found = try await CredentialChain.default(environment: ["HOME": home.path]).credentials(now: now)
        #expect(found == Credentials(accessKeyID: "FILE", secretAccessKey: "f"))
    }

    /// The name that the token had first, which botocore still reads; and a mark of the encoding, as some editors make it.
    @Test func anOldFileIsRead() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            "\u{FEFF}[default]\naws_access_key_id=A\naws_secret_access_key=s\naws_security_token=t\n",
            to: ".aws/credentials")
        try home.write("[default]\naws_security_token=other\n", to: ".aws/config")
        let chain = CredentialChain.default(environment: ["HOME": home.path])
        #expect(
            try await chain.credentials(now: now)
                == Credentials(accessKeyID: "A", secretAccessKey: "s", sessionToken: "t"))
        try home.write("[default]\naws_access_key_id=A\naws_secret_access_key=s\n", to: ".aws/credentials")
        let later = CredentialChain.default(environment: ["HOME": home.path])
        #expect(try await later.credentials(now: now).sessionToken == nil)
    }

    @Test(arguments: ["aws_access_key_id", "aws_secret_access_key"])
    func halfAKeyOfAProfileIsAnError(_ name: String) async throws {
        let home = try TemporaryDirectory()
        try home.write("[default]\n\(name) = x\n", to: ".aws/credentials")
        #expect(
            await message(CredentialChain.default(environment: ["HOME": home.path])).contains(
                ".aws/credentials:2 has \(name) but no aws_"))
    }

    @Test(arguments: [
        ("aws_access_key_id = x", "1: a setting stands before the first [section]"),
        ("[default", "1: the section's name is not closed"), ("[default]\nnonsense", "2: this line is no setting"),
    ])
    func brokenFilesAreNamedWithTheirLine(_ text: String, _ expected: String) async throws {
        let home = try TemporaryDirectory()
        try home.write(text, to: ".aws/credentials")
        let said = await message(CredentialChain.default(environment: ["HOME": home.path]))
        #expect(said.contains("\(home.path)/.aws/credentials:\(expected)"))
    }

    @Test func aDirectoryInPlaceOfTheFileIsOneClearSentence() async throws {
        let home = try TemporaryDirectory()
        let said = await message(
            CredentialChain.default(environment: ["HOME": home.path, "AWS_SHARED_CREDENTIALS_FILE": home.path]))
        #expect(said.contains("\(home.path) cannot be read (Is a directory)"))
    }

    /// They may have been in a file that nobody has named, and that cannot be read.
    @Test func aStandardFileThatCannotBeReadIsNamedWhereNothingElseHasCredentials() async throws {
        let home = try TemporaryDirectory()
        try home.write("", to: ".aws/credentials/x")
        var variables = ["HOME": home.path, "AWS_EC2_METADATA_DISABLED": "true"]
        let said = await message(CredentialChain.default(environment: variables))
        let unreadable = "; \(home.path)/.aws/credentials cannot be read (Is a directory): set HOME to"
        #expect(said.contains("/.aws/credentials (unreadable) and \(home.path)/.aws/config (no such file)"), "\(said)")
        #expect(said.contains(unreadable), "\(said)")
        // What needs nothing of it goes on.
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/x"
        #expect(try CredentialChain.default(environment: variables).origin().kind == "container")
        // What it was to open does not.
        try home.write(
            "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n", to: ".aws/config")
        let opened = await message(CredentialChain.default(environment: variables))
        #expect(opened.contains("\"base\" of source_profile of profile \"default\""), "\(opened)")
        #expect(opened.contains(unreadable), "\(opened)")
    }

    @Test func theOlderVariableNamesTheProfileWhereTheOtherDoesNot() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            ["default", "a", "b"].map { "[\($0)]\naws_access_key_id = \($0)\naws_secret_access_key = s\n" }.joined(),
            to: ".aws/credentials")
        func found(_ more: [String: String]) async -> String {
            await message(CredentialChain.default(environment: ["HOME": home.path].merging(more) { $1 }))
        }
        #expect(await found(["AWS_DEFAULT_PROFILE": "a"]) == "found a")
        #expect(await found(["AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "b"]) == "found b")
        #expect(await found(["AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": ""]) == "found a")
        #expect(await found(["AWS_DEFAULT_PROFILE": "c"]).contains("\"c\" of AWS_DEFAULT_PROFILE is neither in"))
    }

    @Test func descriptionsShowNoSecret() {
        let keys = Credentials(accessKeyID: "AKID", secretAccessKey: "hush", sessionToken: "quiet")
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped] {
            #expect(text.contains("AKID"))
            #expect(!text.contains("hush") && !text.contains("quiet"))
        }
    }

    @Test func keysWithALineEndAreRefused() async {
        let keys = Credentials(accessKeyID: "AKID\n", secretAccessKey: "s")
        #expect(await message(StaticCredentials(keys)).contains("copy them again"))
    }

    @Test(arguments: ["2262-04-11T23:47:16.9Z", "9999-12-31T23:59:59Z", "2026-11-23T13:00:00+0000"])
    func theEnvironmentsExpirationIsTakenHoweverFarOff(_ time: String) async {
        let environment = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_CREDENTIAL_EXPIRATION": time,
        ]
        #expect(await message(CredentialChain.default(environment: environment)) == "found A")
    }

    @Test func aBrokenLineConcernsOnlyWhoUsesItsProfile() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[good]\naws_access_key_id = G\naws_secret_access_key: s\n[bad]\nnonsense\naws_access_key_id = B\n",
            to: ".aws/credentials")
        try home.write(
            "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = bad\n", to: ".aws/config")
        func said(_ profile: String) async -> String {
            await message(CredentialChain.default(environment: ["HOME": home.path], profile: profile))
        }
        #expect(await said("good") == "found G")
        for profile in ["bad", "x"] {
            #expect(await said(profile).contains(".aws/credentials:5: this line is no setting"))
        }
    }

    @Test func aPipeInPlaceOfAFileIsRefusedAndNotWaitedFor() async throws {
        let home = try TemporaryDirectory()
        #expect(mkfifo(home.path("pipe"), 0o600) == 0)
        let said = await message(
            CredentialChain.default(environment: ["HOME": home.path, "AWS_SHARED_CREDENTIALS_FILE": home.path("pipe")]))
        #expect(said == "\(home.path)/pipe is a pipe and cannot be read: name a file")
    }

    @Test func nothingInPlaceOfAFileIsNoFile() async throws {
        let home = try TemporaryDirectory()
        try home.write("[default]\naws_access_key_id = D\naws_secret_access_key = s\n", to: ".aws/credentials")
        let variables = ["HOME": home.path, "AWS_CONFIG_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"]
        #expect(await message(CredentialChain.default(environment: variables)) == "found D")
    }

    /// Tools write the end of a profile's keys in their own forms.
    @Test(arguments: ["aws_expiration", "x_security_token_expires", "expiration"])
    func theEndOfAProfilesKeysIsTakenInAnyUsualForm(name: String) async throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\naws_access_key_id = D\naws_secret_access_key = s\n\(name) = 9999-12-31 23:59:59+0000\n",
            to: ".aws/credentials")
        let chain = CredentialChain.default(environment: ["HOME": home.path])
        #expect(await message(chain) == "found D")
        let found = try await chain.credentials(now: .now())
        #expect(found.expiration == Timestamp(secondsSince1970: .max))
    }

    /// Within a nested block only `=` stands between name and value, as AWS's own tools read it.
    @Test func aNestedSettingTakesNoColon() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            "[default]\naws_access_key_id = D\naws_secret_access_key = s\ns3 =\n  addressing: path\n", to: ".aws/config"
        )
        let said = await message(CredentialChain.default(environment: ["HOME": home.path]))
        #expect(said.contains(".aws/config:5: this line is no setting"))
    }

    @Test func quotedNamesAreThoseOfAShell() async throws {
        let home = try TemporaryDirectory()
        try home.write(
            """
            [profile 'my dev']
            aws_access_key_id = Q
            aws_secret_access_key = s
            sso_session = my login
            services = my own
            [profile "other dev"]
            aws_access_key_id = O
            aws_secret_access_key = s
            [sso-session 'my login']
            sso_region = us-east-1
            [services "my own"]
            dynamodb =
              endpoint_url = http://127.0.0.1:1
            """, to: ".aws/config")
        func chain(_ profile: String) -> CredentialChain {
            CredentialChain.default(environment: ["HOME": home.path], profile: profile)
        }
        #expect(await message(chain("other dev")) == "found O")
        #expect(await message(chain("my dev")) == "found Q")
        let endpoint = try AWSEndpoint.resolve(
            service: .dynamoDB, region: "us-east-1", environment: ["HOME": home.path], profile: "my dev")
        #expect(endpoint.url == "http://127.0.0.1:1/")
    }
}
