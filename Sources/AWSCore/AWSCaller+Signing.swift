extension AWSCaller {
    /// What a request was signed with.
    struct Signature {
        var time: Timestamp
        /// How far that is ahead of the machine's clock.
        var offset: Duration
        var credentials: Credentials
    }

    /// Signs for now, corrected by the skew.
    ///
    /// - Parameter remaining: what is left of the call's time, for which credentials may be waited for.
    func sign(
        _ request: inout HTTPRequest, offset: Duration, within remaining: Duration, of limit: Duration
    ) async throws(AWSFailure) -> Signature {
        let correctedNow = hooks.now().advanced(by: offset)
        do {
            let current = try await credentials(at: correctedNow, within: remaining)
            if let account, let url = try account.url(for: current) { request.url = url }
            signer.sign(&request, credentials: current, at: correctedNow)
            return Signature(time: correctedNow, offset: offset, credentials: current)
        } catch {
            if Task.isCancelled { throw AWSFailure.cancellation }
            if hasEnded { throw pauseEnded }
            if error == .outOfTime {
                throw AWSFailure.callTimeout(limit, "while it waited for credentials: see what their source waits for")
            }
            throw AWSFailure.noCredentials(error)
        }
    }

    /// A source that may have to be waited for is told who waits, so that the client's shutdown ends that too.
    private func credentials(
        at now: Timestamp, within remaining: Duration
    ) async throws(AWSConfigurationError) -> Credentials {
        guard waitsForCredentials else { return try await credentials.credentials(now: now, within: remaining) }
        let found = await withPauses { () -> Result<Credentials, AWSConfigurationError> in
            do throws(AWSConfigurationError) {
                return .success(try await credentials.credentials(now: now, within: remaining))
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    /// Signs by the clock that the machine has, where the correction of it may be why there seem to be no good credentials.
    func signByOtherClock(
        _ request: inout HTTPRequest, than offset: Duration, after failure: AWSFailure, _ call: CallRequest,
        _ progress: CallProgress
    ) async throws(AWSFailure) -> Signature {
        guard failure.class == .credentials, clockOffset.doubt(offset, at: hooks.uptimeNanoseconds()) else {
            throw failure
        }
        let remaining = call.callTimeout - hooks.elapsed(since: progress.started)
        try checkTime(remaining, of: call)
        return try await sign(&request, offset: clockOffset.current, within: remaining, of: call.callTimeout)
    }
}
