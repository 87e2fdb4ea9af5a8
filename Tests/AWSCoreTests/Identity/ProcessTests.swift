import Foundation
import TestSupport
import Testing

@testable import AWSCore

@Suite struct ProcessTests {
    private static let good =
        #"{"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "planted-secret", "SessionToken": "planted-token", "Expiration": "2026-11-23T13:00:00Z"}"#

    private func setUp(_ script: String, arguments: String = "") throws -> IdentitySetUp {
        let setUp = try IdentitySetUp()
        let path = try setUp.home.write("#!/bin/sh\n\(script)\n", to: "get credentials")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        // Read by the shell and not started itself: a program that another test forks at this moment may hold the file open for
        // writing, and nothing can be started from such a file.
        try setUp.configure(
            "[default]\ncredential_process = /bin/sh \"\(path)\" \(arguments)\naws_account_id = 123456789012\n")
        return setUp
    }

    @Test func whatTheProgramPrintsIsUsed() async throws {
        let setUp = try setUp("echo '\(Self.good)'")
        let found = try await setUp.chain.credentials(now: setUp.now)
        #expect(found.accessKeyID == "ASIAPROCESS")
        #expect(found.sessionToken == "planted-token")
        #expect(found.expiration == setUp.now.advanced(by: .seconds(3_600)))
        #expect(found.accountID == "123456789012")
    }

    @Test func itsArgumentsAreCutAsAShellCutsThemAndNoShellSeesThem() async throws {
        let setUp = try setUp(
            #"for a in "$@"; do printf '[%s]\n' "$a" >> "$HOME_OF_TEST/arguments"; done; echo '"# + Self.good + "'",
            arguments: #"one "two words" 'it''s $HOME' a\ b ; | "q\"x" "\n""#)
        var line = try String(contentsOfFile: setUp.home.path(".aws/config"), encoding: .utf8)
        line = line.replacingOccurrences(
            of: "credential_process = ", with: "credential_process = env HOME_OF_TEST=\(setUp.home.path) ")
        // A comment mark inside the value would end it: that is the file's own rule.
        try setUp.configure(line.replacingOccurrences(of: " ; |", with: " |"))
        #expect(await setUp.outcome() == "ASIAPROCESS")
        let arguments = String(decoding: try setUp.home.read("arguments"), as: UTF8.self)
        #expect(arguments == "[one]\n[two words]\n[its $HOME]\n[a b]\n[|]\n[q\"x]\n[\\n]\n")
    }

    @Test(arguments: [
        ("echo no way >&2; echo leaked-stdout; exit 3", "ended with status 3, saying: no way"),
        ("kill -9 $$", "was ended by signal 9"), ("echo planted garbage", "prints 16 bytes that are no JSON object"),
        (#"echo '{"Version": 2}'"#, "prints no \"Version\": 1"),
        (
            #"echo '{"Version": 1, "AccessKeyId": "A"}'"#,
            #"prints no credentials that can be used: "SecretAccessKey" is missing: "#
        ),
        (
            #"echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "soon"}'"#,
            #"prints no credentials that can be used: "Expiration" is no time: "#
        ),
        (
            #"echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2026-11-23T11:00:00Z"}'"#,
            "had expired at 2026-11-23T11:00:00Z already"
        ),
        (#"echo '{"Version": 1, "AccessKeyId": 7, "SecretAccessKey": "s"}'"#, #": "AccessKeyId" is no text"#),
        (
            #"echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": 7}'"#,
            #": "Expiration" is no text"#
        ),
        (
            "printf 'could not renew\\033[31m: token=planted-token AKIAIOSFODNN7PLANTED\\nplanted\\n' >&2; exit 1",
            ", saying: could not renew?[31m: token=… …: run it by hand"
        ),
        ("head -c 2000000 /dev/zero", "printed more than 1048576 bytes"),
    ])
    func aProgramThatFailsIsNamedWithWhatItDid(_ script: String, _ expected: String) async throws {
        let said = await (try setUp(script)).outcome()
        #expect(said.contains(expected), "\(said)")
        #expect(!said.contains("leaked-stdout") && !said.contains("planted"))
    }

    /// It may outlive the call that waited, for the next one to have what it prints; not its own limit, and not as a zombie.
    @Test func aProgramThatDoesNotEndIsEndedAtItsLimitAndReaped() async throws {
        let home = try TemporaryDirectory()
        var limit = Duration.milliseconds(100)
        var process: pid_t?
        // On a busy machine it may not even begin in that time.
        while process == nil {
            let failure = await #expect(throws: AWSCore.ChildProcess.Failure.self) {
                try await AWSCore.ChildProcess.run(
                    ["/bin/sh", "-c", "echo $$ > \(home.path)/pid; exec sleep 1000"], timeout: limit, maximumBytes: 100)
            }
            #expect(failure == .tookTooLong(limit))
            process = (try? String(contentsOfFile: home.path("pid"), encoding: .utf8)).flatMap {
                pid_t($0.trimmingCharacters(in: .newlines))
            }
            limit *= 2
        }
        // A zombie would still be there to be signalled.
        #expect(kill(try #require(process), 0) == -1 && errno == ESRCH)
    }

    /// An agent or a cache that it starts, say.
    @Test func whatAProgramLeavesRunningWithItsOutputIsNotWaitedFor() async throws {
        let setUp = try setUp("sleep 300 & echo $! > \"$0.pid\"; echo '\(Self.good)'")
        let started = ContinuousClock.now
        #expect(await setUp.outcome() == "ASIAPROCESS")
        #expect(ContinuousClock.now - started < .seconds(30))
        // And goes on: somebody may have meant it to.
        let left = try #require(background(setUp))
        #expect(kill(left, SIGKILL) == 0)
    }

    @Test func aProgramThatFailsAndLeavesSomethingRunningIsNotWaitedForEither() async throws {
        let setUp = try setUp("sleep 300 & echo $! > \"$0.pid\"; echo no way >&2; exit 3")
        let started = ContinuousClock.now
        #expect(await setUp.outcome().contains("ended with status 3, saying: no way"))
        #expect(ContinuousClock.now - started < .seconds(30))
        #expect(kill(try #require(background(setUp)), SIGKILL) == 0)
    }

    @Test func whatAProgramLeavesToOthersToPrintIsWaitedFor() async throws {
        let setUp = try setUp("(printf '{'; sleep 0.3; echo '\(Self.good.dropFirst())') &")
        #expect(await setUp.outcome() == "ASIAPROCESS")
    }

    @Test func outputThatIsNotWholeAndStaysOpenIsSaidToBe() async throws {
        let home = try TemporaryDirectory()
        var limit = Duration.milliseconds(400)
        // On a busy machine it may not end in that time.
        while true {
            let failure = await #expect(throws: AWSCore.ChildProcess.Failure.self) {
                try await AWSCore.ChildProcess.run(
                    ["/bin/sh", "-c", "sleep 300 & echo $! > \(home.path)/pid; echo '{'"], timeout: limit,
                    maximumBytes: 100
                ) { $0.count > 2 }
            }
            if failure != .tookTooLong(limit) {
                #expect(failure == .leftOpen(limit))
                #expect(failure?.words.hasPrefix("ended, but something that it started held its output open") == true)
                break
            }
            limit *= 2
        }
        // What holds it is ended with it, if not at once.
        let left = try #require(pid_t(String(decoding: home.read("pid"), as: UTF8.self).dropLast()))
        for _ in 0..<1_000 where !isEnding(left) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(isEnding(left))
    }

    /// A zombie until whoever inherited it reaps it.
    private func isEnding(_ process: pid_t) -> Bool {
        guard let facts = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return facts.contains(") Z ") || facts.contains(") X ")
    }

    private func background(_ setUp: IdentitySetUp) -> pid_t? {
        (try? setUp.home.read("get credentials.pid")).flatMap { pid_t(String(decoding: $0, as: UTF8.self).dropLast()) }
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        let setUp = try IdentitySetUp()
        try setUp.configure("[default]\ncredential_process = /no/such/program --x\n")
        #expect(await setUp.outcome().contains("(/no/such/program) could not be started (No such file or directory)"))
        try setUp.configure("[default]\ncredential_process = \"open\n")
        #expect(await setUp.outcome().contains("is no command line"))
    }

    @Test(arguments: [
        ("\"/no/such/program --password hunter2\"", "(/no/such/program)"), ("TOKEN=hunter2 /bin/prog", "(TOKEN=…)"),
    ])
    func ofTheCommandLineTheProgramAloneIsShown(_ command: String, _ shown: String) async throws {
        let setUp = try IdentitySetUp()
        try setUp.configure("[default]\ncredential_process = \(command)\n")
        let said = await setUp.outcome()
        #expect(said.contains(shown) && !said.contains("hunter2"))
    }

    @Test func nothingIsStartedWhereThatIsNotAllowed() async throws {
        var setUp = try setUp("touch \"$0.started\"; echo '\(Self.good)'")
        setUp.allowsProcess = false
        #expect(await setUp.outcome().contains("this process may not start programs"))
        #expect(!FileManager.default.fileExists(atPath: setUp.home.path("get credentials.started")))
    }

    @Test func itReadsNothingAndStartsWithOrdinarySignals() async throws {
        let setUp = try setUp("cat; trap : PIPE; echo '\(Self.good)'")
        let said = await setUp.outcome()
        #expect(said == "ASIAPROCESS")
    }

    @Test(arguments: ["9999-12-31T23:59:59Z", "2262-04-11T23:47:16.9Z", "2026-11-23T13:00:00+0000", "2026-11-23 13:00"])
    func anEndInAnyUsualFormIsTaken(_ end: String) async throws {
        let setUp = try setUp("echo '\(Self.good.replacingOccurrences(of: "2026-11-23T13:00:00Z", with: end))'")
        #expect(await setUp.outcome() == "ASIAPROCESS")
    }

    @Test(arguments: [
        ("no such file: /usr/local/lib/python3.11/site-packages/awscli", nil),
        ("request 8f14e45f-ceea-467f-a0c1-2b3c4d5e6f70 was refused for arn:aws:iam::123456789012:role/reader", nil),
        ("the token has expired, log in again", nil), ("status=403 region=eu-central-1", nil),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY=…"),
        ("got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY for it", "got … for it"),
        ("got wJalrXUtnFEMI/KxMDENG/bPxRfiCYEXAMPLEKEY for it", "got … for it"),
        (#"{"SecretAccessKey": "short", "SessionToken":"x+y=="}"#, #"{"SecretAccessKey": "…", "SessionToken":"…"}"#),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ….def"),
        ("password: hunter2 wrong", "password: … wrong"),
        ("see https://u:hunter2@vault/x?a=b for it", "see https://…@vault/x?a=b for it"),
        ("see https://vault/x and mail to a@b.example", nil), ("pw=abc pass: abc", "pw=… pass: …"),
        ("--secret abc --x", "--secret … --x"), ("token Xyz12 was refused", "token … was refused"),
        ("api_key aBc", "api_key …"), ("Cookie: session=abc; Path=/", "Cookie: …; Path=/"),
        ("refused hvs.CAESIabc", "refused hvs.…"), ("Authorization: Basic dTpw", "Authorization: Basic …"),
        ("the session of this pass has ended", nil),
        ("the password is hunter2", "the password is …"), ("password is hunter", "password is …"),
        ("password was \"hunter two\" once", "password was \"…\" once"), ("PASSWORD hunter", "PASSWORD …"),
        ("passphrase \"correct horse battery\" is bad", "passphrase \"…\" is bad"),
        ("passphrase is correct-horse battery staple, again", "passphrase is …, again"),
        ("Passphrase: correct horse battery", "Passphrase: …"),
        ("password: \"correct horse\" wrong", "password: \"…\" wrong"), ("password='a b", "password='…"),
        ("password = \"\" given", "password = \"\" …"),
        ("the password is incorrect", nil), ("the password doesn't match", nil), ("password expired for user x", nil),
        ("Password for x: required", nil),
        ("the token is expired", nil), ("the token is no longer valid", nil), ("passphrase required", nil),
        ("profile token 'sso' is not there", nil), ("the secret is opensesame", "the secret is …"),
        ("refused sk-proj-abcdefghijklmnop", "refused …"), ("AKIAABCDEFGHIJKLMNOP", "…"),
        ("ghp_abcdefghijklmnop", "…"), ("sk-toolbox", nil),
        ("curl -u bob:hunter2 https://vault/ failed", "curl -u bob:… https://vault/ failed"),
        ("login -p hunter2 failed", "login -p … failed"), ("login -p -v failed", nil), ("-u bob is unknown", nil),
        ("pin 123456 rejected", "pin … rejected"), ("OTP code 482913 expired", "OTP code … expired"),
        ("passcode=482913", "passcode=…"), ("?a=b&sig=hunter2", "?a=b&sig=…"), ("exit code 1, error 10061", nil),
        ("d41d8cd98f00b204e9800998ecf8427e", "…"), ("token = abc", "token = …"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN", "jwt ….….…"),
    ])
    func whatLooksLikeASecretIsCutOut(_ said: String, _ shown: String?) {
        #expect(SecretText.cut(from: said) == shown ?? said)
    }
}
