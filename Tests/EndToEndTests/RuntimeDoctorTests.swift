import AWSCore
import Foundation
import LoopbackAWS
import TestSupport
import Testing

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct RuntimeDoctorTests {
    private func run(_ scene: BrokenSetUp.Scene, _ more: [String] = []) async throws -> ChildProcess.End {
        try await ChildProcess(
            Binary.path, ["doctor", "runtime"] + scene.arguments + more, environment: scene.variables,
            logs: scene.home.path("doctor")
        ).end()
    }

    /// The text in one line: the report breaks its sentences where they are long.
    private func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test(arguments: BrokenSetUp.all)
    func saysTheCauseAndTheFix(_ setUp: BrokenSetUp) async throws {
        let scene = try BrokenSetUp.Scene()
        try setUp.prepare(scene)
        let end = try await run(scene)
        let said = flat(end.output)
        for words in setUp.says { #expect(said.contains(words), "\"\(words)\" in: \(end.output)\(end.errors)") }
        #expect(end.status == 3 || end.status == 1, "\(end.output)")
        #expect(!(end.output + end.errors).contains("planted") && !end.output.contains("\u{1B}"))
        // The settings are printed whatever is wrong with them.
        #expect(said.hasPrefix("service shop ") && said.contains(" call-timeout-ms "), "\(end.output)")
        withExtendedLifetime(scene) {}
    }

    @Test func thereAreMoreThanFifteenWays() {
        #expect(BrokenSetUp.all.count >= 25)
    }

    @Test func settingsAreThereForAProgramTooWhereOneIsBad() async throws {
        let scene = try BrokenSetUp.Scene()
        scene.variables["AWS_MAX_ATTEMPTS"] = "many"
        let end = try await run(scene, ["--format", "json", "--offline"])
        #expect(end.status == 3)
        #expect(
            end.output.contains(
                #"{"name":"max-attempts","value":"many","origin":"environment, AWS_MAX_ATTEMPTS","default":false,"refused":true}"#
            ))
        #expect(
            end.output.contains(
                #"{"name":"region","value":"eu-central-1","origin":"environment, AWS_REGION","default":false}"#
            ))
    }

    @Test func aGoodSetUpIsFineAndSaysWhereEachValueComesFrom() async throws {
        let scene = try BrokenSetUp.Scene()
        try scene.dynamoDB()
        scene.arguments = ["--config", try scene.home.write("max-attempts: 3\n", to: "s.yaml")]
        let end = try await run(scene)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        let said = flat(end.output)
        #expect(said.contains("region eu-central-1 environment, AWS_REGION"))
        #expect(said.contains("max-attempts 3 \(scene.home.path)/s.yaml:1"))
        #expect(said.contains("call-timeout-ms 10000 default"))
        #expect(said.contains("it accepts the credentials, and shows 1 table"))
        #expect(!FileManager.default.fileExists(atPath: scene.variables["TIDEMARK_DIR"] ?? ""))
        let json = try await run(scene, ["--format", "json"])
        #expect(
            json.output.hasPrefix(
                #"{"settings":[{"name":"service","value":"shop","origin":"environment, TIDEMARK_SERVICE","default":false}"#
            ))
    }

    @Test func aProxyThatIsNotToBeUsedIsNotUsedForCredentialsEither() async throws {
        let scene = try BrokenSetUp.Scene()
        scene.noKeys()
        try scene.dynamoDB()
        let role = "arn:aws:iam::123456789012:role/reader"
        let sts = try LoopbackSTS(region: "eu-central-1") { .now() }
        sts.set {
            $0.known = ["AKIABASE": KnownCredentials(secretAccessKey: "planted-base")]
            $0.roles[role] = .init(keys: ["AKIABASE"])
        }
        let proxy = try LoopbackServer { _ in LoopbackAnswer(status: 403) }
        scene.variables["AWS_ENDPOINT_URL_STS"] = sts.url
        scene.variables["http_proxy"] = proxy.url
        try scene.home.write("[default]\nrole_arn = \(role)\nsource_profile = base\n", to: ".aws/config")
        try scene.home.write(
            "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = planted-base\n", to: ".aws/credentials")
        scene.arguments = ["--config", try scene.home.write("use-proxy: false\n", to: "s.yaml")]
        let direct = try await run(scene)
        #expect(direct.status == 0 && proxy.requests.isEmpty && !sts.requests.isEmpty, "\(direct.output)")
        scene.arguments = []
        let asked = sts.requests.count
        let over = flat(try await run(scene).output)
        #expect(over.contains("STS at \(sts.url) cannot be reached") && over.contains("of http_proxy"), "\(over)")
        #expect(sts.requests.count == asked && !proxy.requests.isEmpty)
    }
}
