extension AWSFailure {
    /// The failure without what the request was signed with, where an answer gives it back: the session token and the
    /// signature. They are worth something to whoever reads them, and nothing to whoever looks for the fault.
    func withoutSecrets(of request: HTTPRequest) -> AWSFailure {
        guard status != nil else { return self }
        var failure = self
        for secret in AWSFailure.secrets(of: request) where failure.message.utf8.count >= secret.utf8.count {
            failure.message = failure.message.replacing(secret, with: "…")
            failure.saidByService = failure.saidByService?.replacing(secret, with: "…")
            failure.code = failure.code.replacing(secret, with: "…")
        }
        return failure
    }

    /// The longer before what they hold.
    private static func secrets(of request: HTTPRequest) -> [String] {
        var secrets: [String] = []
        for header in request.headers {
            if header.name.equalsIgnoringASCIICase("Authorization") {
                secrets.append(header.value)
                if let mark = header.value.firstRange(of: "Signature=") {
                    secrets.append(String(header.value[mark.upperBound...]))
                }
            } else if header.name.equalsIgnoringASCIICase("X-Amz-Security-Token") {
                secrets += [
                    header.value, header.value.replacing("/", with: "\\/"), PercentEncoding.encoded(header.value),
                ]
            }
        }
        // No real one is short; a stand-in of a test must not cut the words of an error code.
        return secrets.filter { $0.utf8.count >= 12 }
    }
}
