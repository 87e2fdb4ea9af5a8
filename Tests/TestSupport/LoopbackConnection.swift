internal import AWSCore
import Foundation

/// One connection of the server, on a thread of its own.
struct LoopbackConnection {
    let descriptor: Int32
    let number: Int
    let log: LoopbackLog
    let script: LoopbackServer.Script

    /// Answers request after request until either side closes.
    func serve() {
        var buffer: [UInt8] = []
        while let request = readRequest(&buffer) {
            log.note(request)
            guard perform(script(request)) else { return }
        }
    }

    /// Whether the connection stays open.
    private func perform(_ answer: LoopbackAnswer) -> Bool {
        if answer.delay > .zero, !pause(answer.delay) { return false }
        let whole = answer.head + answer.framedBody
        switch answer.course {
        case .complete: return write(whole)
        case .completeThenClose:
            _ = write(whole)
            return false
        case .never: return pause(nil)
        case .closeBeforeAnswer: return false
        case .reset:
            LoopbackServer.lingerNot(descriptor)
            return false
        case .closeInsideHead(let bytes):
            _ = write(Array(answer.head.prefix(bytes)))
            return false
        case .resetInsideHead(let bytes):
            _ = write(Array(answer.head.prefix(bytes)))
            LoopbackServer.lingerNot(descriptor)
            return false
        case .hangInsideHead(let bytes): return write(Array(answer.head.prefix(bytes))) && pause(nil)
        case .endlessHead:
            guard write(Array("HTTP/1.1 \(answer.status) Scripted\r\n".utf8)) else { return false }
            let lines = Array(String(repeating: "X-Header: \(String(repeating: "v", count: 40))\r\n", count: 20).utf8)
            while write(lines) {}
            log.state.withLock { $0.abandonedCount += 1 }
            return false
        case .closeInsideBody(let bytes):
            _ = write(answer.head + answer.framedBody.prefix(bytes))
            return false
        case .hangInsideBody(let bytes):
            return write(answer.head + answer.framedBody.prefix(bytes)) && pause(nil)
        case .drip(let duration):
            for byte in whole {
                guard pause(duration), write([byte]) else { return false }
            }
            return true
        case .garbage(let bytes):
            _ = write(bytes)
            return false
        }
    }

    /// Waits for the time, or for ever; false where the client closed meanwhile, which is counted.
    private func pause(_ duration: Duration?) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = duration.map { Int32($0 / .milliseconds(1)) } ?? -1
        while true {
            let count = poll(&watched, 1, milliseconds)
            if count < 0 && errno == EINTR { continue }
            if count == 0 { return true }
            log.state.withLock { $0.abandonedCount += 1 }
            return false
        }
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { pointer in
                send(descriptor, pointer.baseAddress.map { $0 + start }, bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }

    private func readRequest(_ buffer: inout [UInt8]) -> RecordedRequest? {
        var headEnd: Int?
        while true {
            if headEnd == nil { headEnd = LoopbackConnection.endOfHead(buffer) }
            if let headEnd, var request = parse(buffer[..<headEnd]) {
                let length = Int(request.header("Content-Length") ?? "") ?? 0
                if buffer.count >= headEnd + length {
                    request.body = Array(buffer[headEnd..<headEnd + length])
                    request.sizeInBytes = headEnd + length
                    buffer.removeSubrange(..<(headEnd + length))
                    return request
                }
            }
            guard fill(&buffer) else { return nil }
        }
    }

    private func fill(_ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            buffer.append(contentsOf: chunk[..<count])
            return true
        }
    }

    private static func endOfHead(_ buffer: [UInt8]) -> Int? {
        guard buffer.count >= 4 else { return nil }
        for index in 3..<buffer.count
        where buffer[index] == 10 && buffer[index - 1] == 13 && buffer[index - 2] == 10 && buffer[index - 3] == 13 {
            return index + 1
        }
        return nil
    }

    private func parse(_ head: ArraySlice<UInt8>) -> RecordedRequest? {
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].components(separatedBy: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (
                String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            )
        }
        return RecordedRequest(
            method: words[0], target: words[1], headers: headers, body: [], connection: number, sizeInBytes: 0)
    }
}
