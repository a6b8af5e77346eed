  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64 i64 i64 i32)
    (if ;; label = @1
      (local.tee 5
        (block (result i32) ;; label = @1
          (if (result i32) ;; label = @2
            (i32.load8_u offset=448
              (local.get $frame))
            (then
              (i32.const 1))
            (else
              (local.set 2
                (i64.load offset=264
                  (local.get $frame)))
              (local.set 3
                (i64.const 1))
              (if ;; label = @3
                (i64.lt_s
                  (i64.and
                    (i64.xor
                      (local.tee 4
                        (i64.add
                          (local.get 2)
                          (local.get 3)))
                      (local.get 2))
                    (i64.xor
                      (local.get 4)
                      (local.get 3)))
                  (i64.const 0))
                (then
                  (br 2 (;@1;)
                    (i32.const 66048))))
              (i32.eqz
                (i64.le_s
                  (local.get 4)
                  (i64.const 0)))))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 5))))
  )
