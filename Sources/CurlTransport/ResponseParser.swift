package import AWSCore
internal import Glibc

/// Reads one HTTP/1.1 answer from the bytes of a connection, in whatever pieces they come. No socket, no clock.
/// https://www.rfc-editor.org/rfc/rfc9112
package struct ResponseParser {
    /// Why bytes are no answer that can be taken.
    package enum Failure: Error, Equatable {
        /// What came is not HTTP/1.
        case malformed
        /// The body exceeds what the request allows.
        case tooLarge
        /// The headers exceed ``maximumHeadBytes``.
        case headTooLarge
    }

    /// Status line and headers together may not weigh more, in bytes; AWS's answers have about 300.
    package static let maximumHeadBytes = 65_536
    /// What is reserved for a body on its length's word alone; more comes as the bytes do.
    private static let maximumReservation = 1 << 20

    private enum Stage {
        case head
        case body(left: Int)
        case chunks(ChunkReader)
        case untilClose
        case complete
    }

    package private(set) var status = 0
    package private(set) var bytesReceived = 0
    /// Whether the connection may carry another request after this answer.
    package private(set) var keepsConnection = false
    private var stage = Stage.head
    /// Bytes of a head that is not complete yet.
    private var pending: [UInt8] = []
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private let maximumBodyBytes: Int
    private let isBodiless: Bool

    /// - Parameter isBodiless: the answer to HEAD has no body, whatever its headers say.
    package init(maximumBodyBytes: Int, isBodiless: Bool = false) {
        self.maximumBodyBytes = maximumBodyBytes
        self.isBodiless = isBodiless
    }

    /// Whether anything has come.
    package var hasBegun: Bool { bytesReceived > 0 }

    package var isComplete: Bool {
        if case .complete = stage { true } else { false }
    }

    /// The answer, to be taken once it is complete.
    package mutating func takeResponse(phases: AttemptPhases) -> HTTPResponse {
        let response = HTTPResponse(status: status, head: ResponseHead(lines: head), body: body, phases: phases)
        head = []
        body = []
        return response
    }

    /// Takes the next bytes. What is there beyond the answer's end makes the connection unusable for another request.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        bytesReceived += bytes.count
        var rest = bytes
        while !rest.isEmpty {
            switch stage {
            case .head: rest = try takeHead(rest)
            case .body(let left):
                let count = min(left, rest.count)
                try append(rest.prefix(count))
                stage = count == left ? .complete : .body(left: left - count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .chunks(var reader):
                let (piece, used) = try reader.take(rest)
                try append(piece)
                stage = reader.isComplete ? .complete : .chunks(reader)
                rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            case .untilClose:
                try append(rest[...])
                return
            case .complete:
                keepsConnection = false
                return
            }
        }
    }

    /// The connection's end; whether that completes the answer.
    package mutating func takeEnd() -> Bool {
        if case .untilClose = stage { stage = .complete }
        return isComplete
    }

    private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) throws(Failure) {
        guard body.count + bytes.count <= maximumBodyBytes else { throw .tooLarge }
        body.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes))
    }

    // MARK: Head

    /// Takes the head where it is complete; what follows it.
    private mutating func takeHead(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        if pending.isEmpty, let end = ResponseParser.endOfHead(bytes, from: 0) {
            try readHead(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
            return UnsafeRawBufferPointer(rebasing: bytes[end...])
        }
        // The end may lie across the border: its last three bytes may have come already.
        let before = pending.count
        pending.append(contentsOf: bytes)
        let end = pending.withUnsafeBytes { ResponseParser.endOfHead($0, from: max(0, before - 3)) }
        guard let end else {
            guard pending.count <= ResponseParser.maximumHeadBytes else { throw .headTooLarge }
            try checkBeginning()
            return UnsafeRawBufferPointer(rebasing: bytes[bytes.count...])
        }
        let whole = pending
        pending = []
        try whole.withUnsafeBufferPointer { whole throws(Failure) in
            try readHead(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: whole[..<end])))
        }
        return UnsafeRawBufferPointer(rebasing: bytes[(end - before)...])
    }

    /// What is not HTTP is refused as soon as that shows, rather than when it ends.
    private func checkBeginning() throws(Failure) {
        guard pending.starts(with: "HTTP/1.".utf8.prefix(pending.count)) else { throw .malformed }
    }

    /// The place after the empty line.
    private static func endOfHead(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var place = start
        while place < bytes.count, let found = memchr(base + place, 0x0A, bytes.count - place) {
            place = found - UnsafeMutableRawPointer(mutating: base) + 1
            if place < bytes.count, bytes[place] == 0x0A { return place + 1 }
            if place + 1 < bytes.count, bytes[place] == 0x0D, bytes[place + 1] == 0x0A { return place + 2 }
        }
        return nil
    }

    private mutating func readHead(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard bytes.count <= ResponseParser.maximumHeadBytes else { throw .headTooLarge }
        guard let lineEnd = bytes.firstIndex(of: 0x0A), let line = StatusLine(bytes[..<lineEnd]) else {
            throw .malformed
        }
        // After an interim answer comes another: the last counts.
        if line.status < 200, line.status != 101 {
            // Of these, too, there may be no end.
            guard bytesReceived <= ResponseParser.maximumHeadBytes else { throw .headTooLarge }
            return
        }
        let lines = UnsafeRawBufferPointer(rebasing: bytes[(lineEnd + 1)...])
        let framing = try Framing(lines, isHTTP11: line.isHTTP11)
        status = line.status
        head = Array(lines.dropLast(ResponseParser.emptyLineCount(lines)))
        keepsConnection = framing.keepsConnection && status != 101
        stage = try firstStage(framing)
    }

    private static func emptyLineCount(_ lines: UnsafeRawBufferPointer) -> Int {
        lines.count >= 2 && lines[lines.count - 2] == 0x0D ? 2 : 1
    }

    private mutating func firstStage(_ framing: Framing) throws(Failure) -> Stage {
        if isBodiless || status == 204 || status == 304 || status == 101 {
            // A body that may not be there would be taken for the next answer.
            if status == 204, framing.length != .untilClose, framing.length != .bytes(0) { keepsConnection = false }
            return .complete
        }
        switch framing.length {
        case .chunked: return .chunks(ChunkReader())
        case .untilClose:
            keepsConnection = false
            return .untilClose
        case .bytes(0): return .complete
        case .bytes(let count):
            guard count <= maximumBodyBytes else { throw .tooLarge }
            body.reserveCapacity(min(count, ResponseParser.maximumReservation))
            return .body(left: count)
        }
    }
}
