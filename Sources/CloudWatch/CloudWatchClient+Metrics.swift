public import AWSCore
internal import JSONBytes

/// What came of one PutMetricData.
public struct PutMetricDataReceipt: Sendable, Hashable {
    /// AWS's id of the request.
    public var requestID: String?
    /// Attempts made, the one that succeeded included.
    public var attempts: Int
    /// Earlier attempts without an answer, or with a server's failure: each may have counted too.
    public var ambiguousAttempts: Int
    /// Bytes of the body before compression.
    public var bodyBytes: Int
    /// Bytes of the body as it was sent.
    public var sentBytes: Int
    /// The service's clock when it answered, from the `Date` header.
    public var serverTime: Timestamp?

    /// Notes what came of a request.
    public init(
        requestID: String?, attempts: Int, ambiguousAttempts: Int, bodyBytes: Int, sentBytes: Int,
        serverTime: Timestamp? = nil
    ) {
        self.serverTime = serverTime
        self.requestID = requestID
        self.attempts = attempts
        self.ambiguousAttempts = ambiguousAttempts
        self.bodyBytes = bodyBytes
        self.sentBytes = sentBytes
    }
}

/// One period of one metric, read back.
public struct StatisticDatapoint: Sendable, Hashable {
    /// The start of the period.
    public var timestamp: Timestamp
    /// The statistics that were asked for, by their wire names.
    public var values: [String: Double]

    /// A period with its statistics.
    public init(timestamp: Timestamp, values: [String: Double]) {
        self.timestamp = timestamp
        self.values = values
    }

    /// The value of one statistic, if it was asked for.
    public subscript(statistic: Statistic) -> Double? { values[statistic.wireName] }
}

/// A metric that CloudWatch knows.
public struct ListedMetric: Sendable, Hashable {
    /// The namespace.
    public var namespace: String
    /// The name.
    public var name: String
    /// The dimension set, in order.
    public var dimensions: [Dimension]
}

extension CloudWatchClient {
    /// Publishes one encoded request, compressed with gzip.
    ///
    /// There is no idempotency token: a request whose answer was lost may or may not have counted. The receipt counts the
    /// attempts of which that is so; `onAttempt` tells of them also when the call fails in the end.
    ///
    /// - Parameters:
    ///   - encodedBody: from ``PutMetricDataEncoder/body()``.
    ///   - compress: whether to send gzip. Default true.
    ///   - retry: attempts and pauses; by default the caller's.
    public func putMetricData(
        encodedBody: [UInt8], compress: Bool = true, retry: RetryPolicy? = nil,
        onAttempt: (AttemptOutcome) -> Void = { _ in }
    ) async throws(AWSFailure) -> PutMetricDataReceipt {
        var body = encodedBody
        if compress {
            do {
                body = try gzip(encodedBody)
            } catch {
                throw AWSFailure(class: .client, code: "Compression", message: error.description)
            }
        }
        var caller = caller
        if let retry { caller.retry = retry }
        var attempts = 0
        var ambiguous = 0
        let (requestID, serverTime) = try await caller.call(
            target: CloudWatchOperation.putMetricData.target, body: body, contentEncoding: compress ? "gzip" : nil,
            timeouts: Self.timeouts, callTimeout: Self.callTimeout,
            onAttempt: { outcome in
                attempts += 1
                if Self.mayHaveCounted(outcome.failure) { ambiguous += 1 }
                onAttempt(outcome)
            },
            decode: { response throws(AWSFailure) in
                try Self.checkAcknowledgement(response)
                return (
                    ServiceName.request(response.header("x-amzn-requestid")),
                    response.header("date").flatMap(Timestamp.init(httpDate:))
                )
            })
        return PutMetricDataReceipt(
            requestID: requestID, attempts: attempts, ambiguousAttempts: ambiguous, bodyBytes: encodedBody.count,
            sentBytes: body.count, serverTime: serverTime)
    }

    /// Refuses what is not CloudWatch's answer to PutMetricData: 200 with a JSON object or nothing, and either AWS's request
    /// id or, from a local server without ids, an object without members.
    ///
    /// A portal or a proxy that answers for CloudWatch says 200 too; to take its page for an acknowledgement would lose
    /// what was sent.
    private static func checkAcknowledgement(_ response: HTTPResponse) throws(AWSFailure) {
        let hasID = response.header("x-amzn-requestid") != nil
        let members = (try? JSONValue.parse(response.body))?.objectValue
        let isAnswer = hasID ? response.body.isEmpty || members != nil : members?.isEmpty == true
        guard response.status == 200, isAnswer else {
            throw .malformed(
                "it is not CloudWatch's; check the endpoint, and that no portal or proxy answers in its place",
                response: response)
        }
    }

    /// Whether an attempt that ended so may have been counted by CloudWatch all the same.
    public static func mayHaveCounted(_ failure: FailureClass?) -> Bool {
        switch failure {
        case .server, .timeout, .network, .cancelled, .malformedResponse: true
        case nil, .throttled, .conditionFailed, .transactionConflict, .validation, .accessDenied, .credentials,
            .notFound,
            .client, .circuitOpen:
            false
        }
    }

    /// The statistics of a metric's periods from `from` to before `to`, oldest first.
    ///
    /// - Parameters:
    ///   - stat: the metric with its period; its statistic is asked for.
    ///   - statistics: more statistics of the same metric.
    public func getMetricStatistics(
        _ stat: MetricStat, statistics: [Statistic] = [], from: Timestamp, to: Timestamp
    ) async throws(AWSFailure) -> [StatisticDatapoint] {
        let all = [stat.statistic] + statistics
        let plain = Set(all.filter { !$0.isExtended }.map(\.wireName)).sorted()
        let extended = Set(all.filter(\.isExtended).map(\.wireName)).sorted()
        let answer = try await call(.getMetricStatistics) { writer in
            writer.member("Namespace", stat.namespace)
            writer.member("MetricName", stat.metricName)
            writer.write(dimensions: stat.dimensions)
            writer.write(time: from, as: "StartTime")
            writer.write(time: to, as: "EndTime")
            writer.member("Period", stat.period)
            if !plain.isEmpty { writer.write(strings: plain, as: "Statistics") }
            if !extended.isEmpty { writer.write(strings: extended, as: "ExtendedStatistics") }
        }
        let points = (answer["Datapoints"]?.arrayValue ?? []).compactMap { entry -> StatisticDatapoint? in
            guard let timestamp = entry.time("Timestamp") else { return nil }
            var values: [String: Double] = [:]
            for name in plain { values[name] = entry[name]?.doubleValue }
            for name in extended { values[name] = entry["ExtendedStatistics"]?[name]?.doubleValue }
            return StatisticDatapoint(timestamp: timestamp, values: values)
        }
        return points.sorted { $0.timestamp < $1.timestamp }
    }

    /// The metrics of a namespace, over all pages.
    public func listMetrics(
        namespace: String, name: String? = nil, dimensions: [Dimension] = []
    ) async throws(AWSFailure) -> [ListedMetric] {
        try await allPages(.listMetrics) { writer in
            writer.member("Namespace", namespace)
            if let name { writer.member("MetricName", name) }
            writer.write(dimensions: dimensions)
        } read: { answer in
            (answer["Metrics"]?.arrayValue ?? []).map { entry in
                ListedMetric(
                    namespace: entry["Namespace"]?.stringValue ?? namespace,
                    name: entry["MetricName"]?.stringValue ?? "", dimensions: entry.dimensions)
            }
        }
    }

    /// Follows `NextToken` to the end.
    func allPages<Element>(
        _ operation: CloudWatchOperation, _ write: (inout JSONWriter) -> Void, read: (JSONValue) -> [Element]
    ) async throws(AWSFailure) -> [Element] {
        var elements: [Element] = []
        var token: String?
        repeat {
            let answer = try await call(operation) { writer in
                write(&writer)
                if let token { writer.member("NextToken", token) }
            }
            elements += read(answer)
            token = answer["NextToken"]?.stringValue.flatMap { $0.isEmpty || $0 == token ? nil : $0 }
        } while token != nil
        return elements
    }
}
