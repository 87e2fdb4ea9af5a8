import AWSCore
import CloudWatch
import CurlTransport
import LoopbackAWS
import TestSupport

/// A caller with the real transport before a loopback CloudWatch, both on one manual clock unless told otherwise.
struct LoopbackFixture {
    let clock: ManualClock
    let server: LoopbackCloudWatch
    let transport: CurlTransport
    var accessKeyID = "AKIDEXAMPLE"
    var secret = "a-secret"
    var token: String?
    var region = "us-east-1"
    var service = "monitoring"
    /// How far the client's clock is ahead of the server's.
    var lead = Duration.zero

    /// Limits that no busy machine reaches.
    private static let patient = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))

    init() throws {
        let clock = ManualClock()
        self.clock = clock
        server = try LoopbackCloudWatch { clock.timestamp }
        var configuration = CurlTransport.Configuration()
        configuration.usesProxyFromEnvironment = false
        transport = try CurlTransport(configuration: configuration)
    }

    func caller(retry: RetryPolicy = .never) -> AWSCaller {
        let (clock, lead) = (clock, lead)
        return AWSCaller(
            transport: transport, signer: SigV4Signer(service: service, region: region),
            credentials: StaticCredentials(
                Credentials(accessKeyID: accessKeyID, secretAccessKey: secret, sessionToken: token)),
            endpoint: AWSEndpoint(url: server.url, region: "us-east-1"), retry: retry,
            // A call's time is the manual clock's too: a busy machine ends none.
            hooks: CallHooks(
                now: { clock.timestamp.advanced(by: lead) }, uptimeNanoseconds: { clock.nanoseconds }, sleep: { _ in },
                random: { 0.5 }))
    }

    /// What became of a request with this body; nil when it was taken.
    func refusal(
        body: String, compressed: Bool = true, action: String = "PutMetricData", bytes: [UInt8]? = nil
    ) async -> AWSFailure? {
        do throws(AWSFailure) {
            let plain = Array(body.utf8)
            let packed = bytes ?? (compressed ? (try? gzip(plain)) ?? [] : plain)
            _ = try await caller().call(
                target: "GraniteServiceVersion20100801.\(action)", body: packed,
                contentEncoding: compressed ? "gzip" : nil, timeouts: Self.patient, callTimeout: .seconds(600))
            return nil
        } catch {
            return error
        }
    }

    /// What became of a request with these datums, each a JSON object without its name and time.
    func refusal(
        datums: [String], namespace: String = "Tidemark", name: String = "Calls", at offset: Int64 = 0
    ) async -> AWSFailure? {
        let time = clock.timestamp.seconds + offset
        let list = datums.map { #"{"MetricName":"\#(name)","Timestamp":\#(time),\#($0)}"# }
        return await refusal(body: #"{"Namespace":"\#(namespace)","MetricData":[\#(list.joined(separator: ","))]}"#)
    }
}
