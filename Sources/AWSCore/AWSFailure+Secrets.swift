extension AWSFailure {
    /// The failure without what the request was signed with, where an answer gives it back: the session token and the
    /// signature; and without a name or an id that is nothing but a value of the request.
    func withoutSecrets(of request: HTTPRequest) -> AWSFailure {
        guard status != nil else { return self }
        var failure = self
        let secrets = SentSecrets(request)
        failure.message = secrets.cut(from: message)
        failure.saidByService = saidByService.map(secrets.cut)
        if !ErrorTable.knows(code), secrets.cut(from: code) != code || request.quotes(code) {
            failure.code = ServiceName.unreadable
            failure.serviceCode = serviceCode.map { _ in ServiceName.unreadable }
        }
        if let id = requestID, secrets.cut(from: id) != id || request.quotes(id) {
            failure.requestID = ServiceName.unreadable
        }
        failure.throttleReasons = throttleReasons.map {
            ThrottleDetail(reason: $0.reason, resource: secrets.cut(from: $0.resource))
        }
        return failure
    }
}

extension HTTPRequest {
    /// Whether the body has this as one of its JSON's texts.
    fileprivate func quotes(_ text: String) -> Bool {
        let wanted = Array("\"\(text)\"".utf8)
        guard body.count >= wanted.count else { return false }
        return body.withUnsafeBufferPointer { body in
            wanted.withUnsafeBufferPointer { wanted in
                (0...(body.count - wanted.count)).contains { start in
                    body[start] == wanted[0] && wanted.indices.allSatisfy { body[start + $0] == wanted[$0] }
                }
            }
        }
    }
}
