internal import AWSCore

/// What has arrived of one answer.
struct ResponseBuffer {
    /// Status line and headers together may not weigh more, in bytes; AWS's answers have about 300.
    static let maximumHeadBytes = 65_536

    private(set) var status = 0
    private(set) var head: [UInt8] = []
    private(set) var body: [UInt8] = []
    private(set) var isHeadComplete = false
    private(set) var isTooLarge = false
    private(set) var bytesReceived = 0
    private var maximumBodyBytes = 0

    /// Whether anything has come.
    var hasBegun: Bool { bytesReceived > 0 }

    mutating func reset(maximumBodyBytes: Int) {
        status = 0
        head.removeAll(keepingCapacity: true)
        body = []
        isHeadComplete = false
        isTooLarge = false
        bytesReceived = 0
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes one line with its end; false where the headers exceed their limit.
    mutating func appendHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        bytesReceived += line.count
        if line.starts(with: "HTTP/".utf8) {
            // After an interim answer (1xx) comes another: the last counts.
            head.removeAll(keepingCapacity: true)
            isHeadComplete = false
            status = ResponseBuffer.status(inStatusLine: line)
            return true
        }
        // What comes after the body are trailers.
        if isHeadComplete { return true }
        if line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") {
            isHeadComplete = true
            return true
        }
        guard head.count + line.count <= ResponseBuffer.maximumHeadBytes else {
            isTooLarge = true
            return false
        }
        head.append(contentsOf: line)
        return true
    }

    /// Takes a piece of the body; false where the body exceeds its limit.
    mutating func appendBody(_ bytes: UnsafeRawBufferPointer, expected: Int?) -> Bool {
        bytesReceived += bytes.count
        guard body.count + bytes.count <= maximumBodyBytes else {
            isTooLarge = true
            return false
        }
        if body.isEmpty, let expected, expected > bytes.count { body.reserveCapacity(min(expected, maximumBodyBytes)) }
        body.append(contentsOf: bytes)
        return true
    }

    mutating func takeBody() -> [UInt8] {
        let taken = body
        body = []
        return taken
    }

    /// The three digits after the version; 0 where there are none.
    private static func status(inStatusLine line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 3 < line.count else { return 0 }
        var status = 0
        for byte in line[(space + 1)...(space + 3)] {
            guard byte.isASCIIDigit else { return 0 }
            status = status * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return status
    }
}
