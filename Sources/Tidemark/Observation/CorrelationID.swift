public import Instrumentation

/// The id that ties a call's log line, its error and its entry among the slow calls to the work that it was made for.
///
/// Taken from the first of: the call's options, the `ServiceContext` (`correlationID`, else the trace that the tracer in
/// use would hand on), else made: sixteen random hexadecimal digits.
public enum CorrelationID {
    /// Headers that are looked at, in this order, in lower case.
    public static let headers = ["x-correlation-id", "x-request-id", "traceparent", "x-amzn-trace-id"]
    /// Characters of an id at most; the telemetry file keeps 64.
    public static let maximumLength = 64

    /// The trace's id of a W3C `traceparent`: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".
    /// Nil for anything else; https://www.w3.org/TR/trace-context/#traceparent-header
    public static func traceID(ofTraceparent header: String) -> String? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may add parts; version ff is none.
        guard parts.count >= 4, parts[0].utf8.count == 2, isHex(parts[0]), parts[0] != "ff",
            parts[0] != "00" || parts.count == 4, parts[1].utf8.count == 32, isHex(parts[1]),
            parts[2].utf8.count == 16, isHex(parts[2]), parts[3].utf8.count == 2, isHex(parts[3]),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }

    /// The root of an X-Ray header: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1" gives "1-5759e988-…".
    /// Nil for anything else; https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    public static func root(ofXRayHeader header: String) -> String? {
        for part in header.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, trimmed(pair[0]) == "Root" else { continue }
            let root = trimmed(pair[1])
            let parts = root.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "1", parts[1].utf8.count == 8, isHex(parts[1]),
                parts[2].utf8.count == 24, isHex(parts[2])
            else { return nil }
            return String(root)
        }
        return nil
    }

    /// An id of a header's value; nil where it is none that may stand in a log.
    static func id(ofHeader name: String, value: String) -> String? {
        switch name {
        case "traceparent": traceID(ofTraceparent: value)
        case "x-amzn-trace-id": root(ofXRayHeader: value)
        default: isUsable(value) ? value : nil
        }
    }

    /// Whether a text may stand in logs and in the telemetry file: printable ASCII without blanks, not too long.
    static func isUsable(_ id: String) -> Bool {
        (1...maximumLength).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A caller's own id as it may be written: what is not printable becomes "?", what is too long is cut; nil for nothing.
    static func cleaned(_ id: String?) -> String? {
        guard let id, !id.isEmpty else { return nil }
        if isUsable(id) { return id }
        let bytes = id.utf8.prefix(maximumLength).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The id that the task's context holds.
    static func current(of instrument: any Instrument) -> String? {
        guard let context = ServiceContext.current else { return nil }
        if let id = context.correlationID { return id }
        var carrier: [String: String] = [:]
        instrument.inject(context, into: &carrier, using: HeaderInjector())
        for name in headers {
            if let value = carrier[name], let id = id(ofHeader: name, value: value) { return id }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " }
        return start.last == " "
            ? start.prefix(upTo: start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex) : start
    }

    private static func isHex(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}

extension ServiceContext {
    private enum CorrelationKey: ServiceContextKey {
        typealias Value = String
        static var nameOverride: String? { "tidemark-correlation-id" }
    }

    /// The id of the unit of work, for every call that is made in this context. An id that is empty, longer than 64
    /// bytes or not printable ASCII without blanks is not taken, so that no header of a stranger's can write log lines.
    public var correlationID: String? {
        get { self[CorrelationKey.self] }
        set { self[CorrelationKey.self] = newValue.flatMap { CorrelationID.isUsable($0) ? $0 : nil } }
    }
}

/// Takes the correlation id of a request from its headers, wherever a server framework hands them to the
/// `InstrumentationSystem`, and hands it on to requests that the service makes.
///
///     InstrumentationSystem.bootstrap(MultiplexInstrument([tracer, CorrelationInstrument()]))
///
/// The headers are `CorrelationID.headers`. What stands in the context already is left alone.
public struct CorrelationInstrument: Instrument {
    /// The instrument.
    public init() {}

    /// Sets `correlationID` where a header has one.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard context.correlationID == nil else { return }
        for name in CorrelationID.headers {
            if let value = extractor.extract(key: name, from: carrier),
                let id = CorrelationID.id(ofHeader: name, value: value)
            {
                context.correlationID = id
                return
            }
        }
    }

    /// Sets `x-correlation-id`.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let id = context.correlationID else { return }
        injector.inject(id, forKey: "x-correlation-id", into: &carrier)
    }
}
