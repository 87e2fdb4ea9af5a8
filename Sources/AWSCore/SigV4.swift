/// Signs requests with AWS Signature Version 4, the payload's hash in the signature but not in a header.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
///
/// Copies share one cache with the day's signing key; any thread may sign.
public struct SigV4Signer: Sendable {
    /// The service's signing name, such as `dynamodb` or `monitoring`.
    public let service: String
    /// The region that the signature is good for.
    public let region: String
    private let cache = SigningKeyCache()

    /// A signer for one service in one region.
    public init(service: String, region: String) {
        self.service = service
        self.region = region
    }

    /// Adds `X-Amz-Date`, `X-Amz-Security-Token` where there is a token, and `Authorization`; earlier ones are replaced,
    /// so one request can be signed again for each attempt.
    ///
    /// Every header is signed except those that proxies and clients change on the way and those that only feed the
    /// service's statistics; `Host` is taken from the URL where no header names it.
    public func sign(_ request: inout HTTPRequest, credentials: Credentials, at time: Timestamp) {
        let date = time.amzDate
        request.setHeader("X-Amz-Date", date)
        request.headers.removeAll { $0.name.equalsIgnoringASCIICase("Authorization") }
        if let token = credentials.sessionToken {
            request.setHeader("X-Amz-Security-Token", token)
        } else {
            request.headers.removeAll { $0.name.equalsIgnoringASCIICase("X-Amz-Security-Token") }
        }
        let key = cache.key(for: credentials, day: time.seconds / 86_400) {
            SigningKey(credentials: credentials, date: date, region: region, service: service)
        }
        let authorization = CanonicalRequest.withBytes(of: request) { canonical, signedHeaders in
            let hash = SHA256Digest(of: canonical)
            let signature = SigV4Signer.signature(date: date, requestHash: hash, key: key)
            return SigV4Signer.authorization(key: key, signedHeaders: signedHeaders, signature: signature)
        }
        request.headers.append(HTTPHeader(name: "Authorization", value: authorization))
    }

    /// Signs the string of algorithm, date, scope and the request's hash.
    private static func signature(date: String, requestHash: SHA256Digest, key: SigningKey) -> SHA256Digest {
        let capacity = 24 + date.utf8.count + key.scope.count + 2 * SHA256Hash.digestLength
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
            var writer = ByteWriter(memory)
            writer.append("AWS4-HMAC-SHA256\n" as StaticString)
            writer.append(date)
            writer.append("\n" as Unicode.Scalar)
            writer.append(key.scope)
            writer.append("\n" as Unicode.Scalar)
            writer.append(hex: requestHash)
            return key.authenticate(writer.bytes)
        }
    }

    private static func authorization(
        key: SigningKey, signedHeaders: UnsafeRawBufferPointer, signature: SHA256Digest
    ) -> String {
        let capacity =
            64 + key.accessKeyID.utf8.count + key.scope.count + signedHeaders.count + 2 * SHA256Hash.digestLength
        return String(unsafeUninitializedCapacity: capacity) { memory in
            var writer = ByteWriter(memory)
            writer.append("AWS4-HMAC-SHA256 Credential=" as StaticString)
            writer.append(key.accessKeyID)
            writer.append("/" as Unicode.Scalar)
            writer.append(key.scope)
            writer.append(", SignedHeaders=" as StaticString)
            writer.append(signedHeaders)
            writer.append(", Signature=" as StaticString)
            writer.append(hex: signature)
            return writer.count
        }
    }
}
