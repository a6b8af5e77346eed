  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (local.set 2
            (i32.add
              (i32.add
                (local.get 2)
                (local.get $frame))
              (i32.const 160)))
          (if (result i32) ;; label = @2
            (if (result i32) ;; label = @2
              (if (result i32) ;; label = @2
                (i64.eq
                  (i64.load offset=296
                    (local.get $frame))
                  (i64.load
                    (local.get 2)))
                (then
                  (i64.eq
                    (i64.load offset=304
                      (local.get $frame))
                    (i64.load offset=8
                      (local.get 2))))
                (else
                  (i32.const 0)))
              (then
                (call $same_string
                  (i32.add
                    (local.get $frame)
                    (i32.const 312))
                  (i32.add
                    (local.get 2)
                    (i32.const 16))))
              (else
                (i32.const 0)))
            (then
              (if (result i32) ;; label = @3
                (i32.load8_u offset=328
                  (local.get $frame))
                (then
                  (if (result i32) ;; label = @4
                    (i32.load8_u offset=32
                      (local.get 2))
                    (then
                      (i64.eq
                        (i64.load offset=320
                          (local.get $frame))
                        (i64.load offset=24
                          (local.get 2))))
                    (else
                      (i32.const 0))))
                (else
                  (i32.eqz
                    (i32.load8_u offset=32
                      (local.get 2))))))
            (else
              (i32.const 0)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
