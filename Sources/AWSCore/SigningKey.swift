/// The key of one day, region and service, derived from the secret in four HMACs.
struct SigningKey: Sendable {
    let accessKeyID: String
    /// `20261123/eu-central-1/dynamodb/aws4_request`
    let scope: [UInt8]
    private let key: HMACKey

    init(credentials: Credentials, date: String, region: String, service: String) {
        let day = Array(date.utf8.prefix(8))
        var derived = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [day, Array(region.utf8), Array(service.utf8), Array(SigningKey.terminator.utf8)] {
            derived = hmacSHA256(key: derived, message: part)
        }
        key = HMACKey(derived)
        accessKeyID = credentials.accessKeyID
        scope = day + Array("/\(region)/\(service)/\(SigningKey.terminator)".utf8)
    }

    func authenticate(_ message: UnsafeRawBufferPointer) -> SHA256Digest {
        key.authenticate(message)
    }

    private static let terminator = "aws4_request"
}

/// Keeps the last signing key: a process signs with one key for a day.
final class SigningKeyCache: Sendable {
    private struct Entry {
        var accessKeyID: String
        var secretAccessKey: String
        var day: Int64
        var key: SigningKey
    }

    private let entry = Lock<Entry?>(nil)

    /// The kept key where it is of these credentials and this day, otherwise a new one, which is kept from then on.
    func key(for credentials: Credentials, day: Int64, make: () -> SigningKey) -> SigningKey {
        let kept = entry.withLock { entry -> SigningKey? in
            guard let entry, entry.day == day, entry.accessKeyID == credentials.accessKeyID,
                entry.secretAccessKey == credentials.secretAccessKey
            else { return nil }
            return entry.key
        }
        if let kept { return kept }
        let made = make()
        entry.withLock {
            $0 = Entry(
                accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey, day: day, key: made)
        }
        return made
    }
}
