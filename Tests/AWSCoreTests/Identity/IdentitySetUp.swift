import AWSCore
import CurlTransport
import TestSupport

/// A home directory, variables and a time, and what the chain makes of them over real connections.
struct IdentitySetUp {
    let home: TemporaryDirectory
    var variables: [String: String]
    /// 2026-11-23T12:00:00Z.
    var now = Timestamp(secondsSince1970: 1_795_435_200)
    var profile: String?
    var allowsProcess = true

    init() throws {
        home = try TemporaryDirectory()
        variables = ["HOME": home.path, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"]
    }

    /// Tools that never pause.
    static var tools: CredentialTools {
        var tools = CredentialTools.curl()
        tools.hooks = CallHooks(sleep: { _ in }, random: { 0 })
        return tools
    }

    var chain: CredentialChain {
        var tools = Self.tools
        tools.allowsProcess = allowsProcess
        return .default(environment: variables, profile: profile, tools: tools)
    }

    /// The access key's id, or the error's sentence.
    func outcome() async -> String {
        do {
            return try await chain.credentials(now: now).accessKeyID
        } catch {
            return error.message
        }
    }

    func configure(_ text: String) throws { try home.write(text, to: ".aws/config") }
    func keep(_ text: String) throws { try home.write(text, to: ".aws/credentials") }
}
