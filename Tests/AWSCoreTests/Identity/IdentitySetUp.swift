import AWSCore
import CurlTransport
import TestSupport

/// Waits as long as it takes where the usual limits were asked for, those of tenths of a second aside: a second attempt because the
/// first had no turn in time is none that a test has scripted.
private struct PatientTransport: Transport {
    let inner: any Transport

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        var request = request
        if request.timeouts.firstByte >= .seconds(1) {
            request.timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
        }
        return try await inner.send(request)
    }
}

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

    /// Tools that never pause, nor lose patience with a busy machine.
    static var tools: CredentialTools {
        var tools = CredentialTools.curl()
        let make = tools.makeTransport
        tools.makeTransport = { reach throws(TransportError) in PatientTransport(inner: try make(reach)) }
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
