import AWSCore
import TestSupport
import Testing
import Tidemark

// What the articles "Configuration reference" and "Credentials" show.
@Suite struct ConfigurationSnippets {
    private struct Vault {
        func keys(at now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
            Credentials(accessKeyID: "AKIAVAULT", secretAccessKey: "s", expiration: now.advanced(by: .seconds(3_600)))
        }
    }

    @Test(.enabled(if: ProcessEnvironment.current()["AWS_PROFILE"] == nil, "this machine has a profile of its own"))
    func layersAreLaidOverEachOther() throws {
        let home = try TemporaryDirectory()
        let path = try home.write("region: eu-central-1\nenvironment: test\n", to: "tidemark.yaml")
        // snippet: layers
        var configuration = try TidemarkConfiguration.load(
            file: path, code: ["call-timeout-ms": 2_000, "service": "checkout"])
        configuration.slowCallThreshold = .milliseconds(50)
        print(configuration.report().text)
        // snippet-end
        #expect(configuration.report().lines.first { $0.name == "slow-call-ms" }?.origin == "code")
    }

    @Test func aSourceOfOnesOwnIsRenewedLikeTheOthers() async throws {
        let vault = Vault()
        var local = try TidemarkConfiguration.load(
            code: ["region": "eu-central-1"], environment: ["HOME": "/nonexistent"])
        // snippet: source
        local.credentials = RefreshingCredentials { now throws(AWSConfigurationError) in
            let keys = try await vault.keys(at: now)
            return FetchedCredentials(keys)
        }
        // snippet-end
        #expect(try await local.credentials.credentials(now: .now()).accessKeyID == "AKIAVAULT")
    }

    /// Compiled, and not run: it reads the home directory of whoever runs the tests.
    private func profiles() throws {
        // snippet: profiles
        let work = try TidemarkConfiguration.load(code: ["profile": "work"])
        var local = try TidemarkConfiguration.load(code: ["environment": "test"])
        local.credentials = StaticCredentials(Credentials(accessKeyID: "test", secretAccessKey: "test"))
        // snippet-end
        _ = (work, local)
    }
}
