import AWSCore
import TestSupport
import Testing
import Tidemark

/// A call's own limit, whatever uses it up.
struct CallLimitTests {
    /// A source that takes its time, and ends when nobody waits any more.
    private struct SlowSource: CredentialProvider {
        func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
            do { try await Task.sleep(for: .seconds(3_600)) } catch {}
            throw AWSConfigurationError(message: "nobody waited")
        }
    }

    @Test func credentialsThatDoNotComeEndTheCallAtItsLimit() async throws {
        for credentials in [SlowSource(), RefreshingCredentials(fetch: slowly)] as [any CredentialProvider] {
            let harness = try Harness(configure: {
                $0.credentials = credentials
                $0.callTimeout = .milliseconds(50)
            }) { _, _ in answer("{}") }
            let error = await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
            #expect(error.code == .timeout && error.timeLimit == .call && error.attempts == 0)
            #expect(error.description.contains("waited for credentials"))
            #expect(harness.transport.requests.isEmpty)
        }
    }

    @Test func anAttemptThatEndsWithTheCallsTimeMetTheCallsLimit() async throws {
        let harness = try Harness(configure: {
            $0.callTimeout = .milliseconds(300)
            $0.retry = .never
        }) { request, _ throws(TransportError) in
            throw TransportError(
                code: .timeout(.attempt), message: "no complete answer within \(request.timeouts.attempt)")
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.timeLimit == .call && error.attempts == 1)
        #expect(error.message.contains("0.3"))
    }

    @Test func anAttemptsOwnLimitIsStillItsOwn() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            throw TransportError(code: .timeout(.attempt), message: "no complete answer within 5.0 seconds")
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.timeLimit == .attempt)
    }

    /// Callers in a hurry leave the circuit of a table that works alone; a service that does not answer opens it.
    @Test(arguments: [(Duration.milliseconds(30), false), (.seconds(600), true)])
    func onlyAttemptsThatHadTheirTimeSpeakAgainstTheService(limit: Duration, opens: Bool) async throws {
        let harness = try Harness(configure: {
            $0.callTimeout = limit
            $0.retry = .never
        }) { _, _ throws(TransportError) in throw TransportError(code: .timeout(.attempt), message: "too slow") }
        var codes: Set<TidemarkError.Code> = []
        for _ in 0..<40 {
            codes.insert(
                await failure { () throws(TidemarkError) in
                    _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
                }.code)
        }
        #expect(codes.contains(.circuitOpen) == opens)
    }
}

@Sendable private func slowly(_ now: Timestamp) async throws(AWSConfigurationError) -> FetchedCredentials {
    do { try await Task.sleep(for: .seconds(2)) } catch {}
    throw AWSConfigurationError(message: "too late")
}
